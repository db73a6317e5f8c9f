//! What the object store and the rows must agree in.

use crate::TestApp;
use chrono::{Duration, Utc};
use files::{Difference, Finding, Reconciliation};
use kernel::Actor;

impl TestApp {
    /// Compares objects and rows, of any age, and removes what is of no use to anybody; what is left then.
    pub async fn reconciled(&self) -> Vec<Finding> {
        for finding in self.differences().await {
            files::remove(&self.state.store, &finding).await.expect("the store answers");
        }
        self.differences().await
    }

    async fn differences(&self) -> Vec<Finding> {
        let (db, store) = (self.state.db.clone(), self.state.store.clone());
        let before = Utc::now() + Duration::days(3_650);
        let mut comparison = Reconciliation::new(db, store, Actor::system("test"), before);
        let mut found = Vec::new();
        while let Some(findings) = comparison.next().await.expect("store and database answer") {
            found.extend(findings);
        }
        found
    }

    /// Demands that nothing of an upload is left but what its file shows: no room reserved, no blob half way, no object without a
    /// row, no row without its object, and what is used is what the versions have.
    pub async fn storage_is_settled(&self) {
        let reserved = "SELECT coalesce(sum(reserved), 0)::bigint AS count FROM limits WHERE meter = 'storage_bytes'";
        assert_eq!(self.count(reserved), 0, "room is reserved");
        let used = "SELECT coalesce(sum(used), 0)::bigint AS count FROM limits WHERE meter = 'storage_bytes'";
        let versions = "SELECT coalesce(sum(size_bytes), 0)::bigint AS count FROM file_versions";
        assert_eq!(self.count(used), self.count(versions), "what is used is not the sum");
        assert_eq!(self.count("SELECT count(*) FROM blobs WHERE state IN ('pending', 'doomed')"), 0, "blobs half way");
        let differences = self.differences().await;
        let of_use = |finding: &&Finding| !matches!(finding.difference, Difference::Orphan | Difference::Leftover);
        assert_eq!(differences.iter().find(of_use), None);
        assert_eq!(self.reconciled().await, []);
    }
}
