//! The second look: the two sides were read at different instants.

use super::{
    Difference, Finding, ReconcileError, Reconciliation, Suspect,
    objects::Stored,
    rows::{Row, find},
};
use crate::blob::{BlobState, key, of_key};
use kernel::ids::{BlobId, TenantId};

impl Reconciliation {
    /// What is wrong, if it still is.
    pub(super) async fn verify(&self, suspect: Suspect) -> Result<Option<Finding>, ReconcileError> {
        match suspect {
            Suspect::Nothing => Ok(None),
            Suspect::Object(object) => self.object_alone(object).await,
            Suspect::Row(row) => self.row_alone(row).await,
            Suspect::Both(object, row) => self.other_size(object, row).await,
        }
    }

    /// An object's row is written before the object, so one that has none now never had one.
    async fn object_alone(&self, object: Stored) -> Result<Option<Finding>, ReconcileError> {
        if object.written.is_none_or(|written| written >= self.before) {
            return Ok(None);
        }
        let ours = of_key(&object.key).filter(|(tenant, blob)| key(*tenant, *blob) == object.key);
        let difference = match ours {
            None => Difference::Foreign,
            Some((tenant, blob)) => match self.row(tenant, blob).await? {
                None => Difference::Orphan,
                Some(row) if row.state == BlobState::Gone => Difference::Leftover,
                Some(_) => return Ok(None),
            },
        };
        // The worker may have deleted it since it was listed.
        let there = self.store.size(&object.key).await?.is_some();
        Ok(there.then_some(Finding { difference, key: object.key, size_bytes: object.size }))
    }

    /// A row is live only after its object is whole, and until after it is doomed its object stays.
    async fn row_alone(&self, row: Row) -> Result<Option<Finding>, ReconcileError> {
        if row.created_at >= self.before || self.store.size(&row.key).await?.is_some() {
            return Ok(None);
        }
        Ok(self.still_live(row).await?.map(|row| finding(Difference::Missing, row)))
    }

    async fn other_size(&self, object: Stored, row: Row) -> Result<Option<Finding>, ReconcileError> {
        let size = self.store.size(&object.key).await?;
        if size.is_none_or(|size| size == row.size) {
            return Ok(None);
        }
        Ok(self.still_live(row).await?.map(|row| finding(Difference::WrongSize, row)))
    }

    async fn still_live(&self, row: Row) -> Result<Option<Row>, ReconcileError> {
        let now = self.row(row.tenant, row.blob).await?;
        Ok(now.filter(|now| now.state == BlobState::Live))
    }

    async fn row(&self, tenant: TenantId, blob: BlobId) -> Result<Option<Row>, ReconcileError> {
        let found = self.db.platform("files.reconcile_row", self.actor.clone(), move |tx| find(tx, tenant, blob));
        Ok(found.await?)
    }
}

fn finding(difference: Difference, row: Row) -> Finding {
    Finding { difference, key: row.key, size_bytes: row.size }
}
