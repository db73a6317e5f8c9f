use crate::{
    ObjectStore,
    blob::{doomed, key, set_gone},
    thumbnail::forget,
};
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};

/// Objects deleted between two looks at the database.
const BATCH: i64 = 100;

/// Deletes the objects of a tenant's doomed blobs, and of the small pictures made from them.
///
/// Enqueued by: whatever dooms a blob; the sweeper `FindStorageWork` behind it. Repeats: safe, deleting what is gone is a
/// success. Order: none. Gives up: after many attempts, and then the sweeper tries again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct DeleteDoomedObjects {}

impl Job for DeleteDoomedObjects {
    const KIND: &'static str = "files.delete_doomed_objects";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = ObjectStore;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        loop {
            let blobs = context.tenant("files.list_doomed", |tx| doomed(tx, BATCH)).await?;
            if blobs.is_empty() {
                return Ok(());
            }
            for blob in blobs {
                let key = key(context.scope().tenant(), blob);
                context.deps().delete(&key).await.map_err(JobError::retry)?;
                context
                    .tenant("files.set_gone", move |tx| {
                        set_gone(tx, blob)?;
                        forget(tx, blob)
                    })
                    .await?;
            }
        }
    }
}
