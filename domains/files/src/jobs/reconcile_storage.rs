use crate::{
    Difference, Finding, ObjectStore, Reconciliation, SAFE_AGE,
    reconcile::{forget_before, note},
};
use audit::{Audited, TellsPlatform};
use db::{AuthTx, Db, DbError};
use jobs::{Job, JobContext, JobError, PlatformScope, Policy};
use serde_json::json;
use std::collections::BTreeMap;

/// Findings that are listed; the rest is only counted.
const LISTED: usize = 10_000;

/// Compares the object store with the rows and tells administrators what differs: in `storage_exceptions`, in metrics and in the
/// platform's audit chain. Removes nothing.
///
/// Enqueued by: schedule, daily. Repeats: safe, it begins again. Order: none. Gives up: after many attempts; the next day's
/// comes anyway.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ReconcileStorage {}

impl Job for ReconcileStorage {
    const KIND: &'static str = "files.reconcile_storage";
    const POLICY: Policy = Policy::remote();
    type Scope = PlatformScope;
    type Deps = (Db, ObjectStore);

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let (begun, (db, store)) = (context.now(), context.deps().clone());
        let mut comparison = Reconciliation::new(db, store, context.scope().actor.clone(), begun - SAFE_AGE);
        let (mut tally, mut listed) = (Tally::default(), 0);
        while let Some(findings) = comparison.next().await.map_err(JobError::retry)? {
            tally.count(&findings);
            let room = LISTED.saturating_sub(listed).min(findings.len());
            listed += room;
            if room > 0 {
                let new = findings[..room].to_vec();
                context.platform("files.note_exceptions", move |tx| note(tx, &new)).await?;
            }
        }
        tally.publish();
        context.auth("files.tell_exceptions", move |tx| tell(tx, &tally)).await?;
        context.platform("files.forget_exceptions", move |tx| forget_before(tx, begun)).await?;
        Ok(())
    }
}

/// How many there are of each kind.
#[derive(Debug, Default, Clone)]
struct Tally(BTreeMap<Difference, u32>);

impl Tally {
    fn count(&mut self, findings: &[Finding]) {
        for finding in findings {
            *self.0.entry(finding.difference).or_default() += 1;
        }
    }

    fn publish(&self) {
        for difference in Difference::ALL {
            let count = self.0.get(difference).copied().unwrap_or_default();
            metrics::gauge!("storage_exceptions", "kind" => difference.as_str()).set(count);
        }
    }
}

/// In the platform's chain, which begins here if nothing was told before.
fn tell(tx: &mut AuthTx<'_>, tally: &Tally) -> Result<(), DbError> {
    if tally.0.is_empty() {
        return Ok(());
    }
    tracing::error!(found = ?tally.0, "the object store and the rows differ; see storage_exceptions");
    tx.in_platform_chain(|tx| tx.audit("storage.exceptions_found", "object_store", json!(tally.0)))
}
