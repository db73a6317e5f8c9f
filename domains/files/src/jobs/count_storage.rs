use crate::gauge;
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};

/// Counts a tenant's byte-hours up to now, although nothing changed.
///
/// Enqueued by: the sweeper `FindStorageWork`, so that an invoice sees hours up to its period's end. Repeats: safe, counting
/// goes on from where it stood. Order: none. Gives up: never of itself.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct CountStorage {}

impl Job for CountStorage {
    const KIND: &'static str = "files.count_storage";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.tenant("files.count_storage", |tx| gauge::change(tx, &[])).await?)
    }
}
