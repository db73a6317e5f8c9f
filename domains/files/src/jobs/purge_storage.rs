use crate::{FileError, purge::purge_due};
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};

/// Files and versions deleted in one transaction.
const BATCH: i64 = 100;

/// Deletes for good what a tenant's trash and older versions have kept long enough.
///
/// Enqueued by: what makes something due at once; the sweeper `FindStorageWork`, when the next of it is due. Repeats: safe,
/// what is deleted is not due any more. Order: none; what is restored or held meanwhile stays. Gives up: never of itself.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct PurgeStorage {}

impl Job for PurgeStorage {
    const KIND: &'static str = "files.purge_storage";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        while context.tenant("files.purge_due", |tx| purge_due(tx, BATCH)).await.map_err(|error| match error {
            FileError::Db(error) => error.into(),
            error => JobError::retry(error),
        })? {}
        Ok(())
    }
}
