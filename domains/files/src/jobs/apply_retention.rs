use crate::{purge::purge_by, retention};
use db::{DbError, TenantScope};
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::{BucketId, FileId};

/// Files looked at in one transaction.
const BATCH: i64 = 500;

/// Counts anew when what a bucket keeps is deleted for good, after its times of keeping have changed.
///
/// Enqueued by: a change of the bucket. Repeats: safe, the times follow from the rows and the bucket as it is now. Order:
/// none; the last one counts with the last settings. Gives up: never of itself.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ApplyRetention {
    /// The bucket.
    pub bucket: BucketId,
}

impl Job for ApplyRetention {
    const KIND: &'static str = "files.apply_retention";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let bucket = self.bucket;
        let mut after: Option<FileId> = None;
        loop {
            let next = context.tenant("files.apply_retention", move |tx| retention::apply(tx, bucket, after, BATCH));
            after = match next.await? {
                Some(last) => Some(last),
                None => break,
            };
        }
        let look = |tx: &mut db::TenantTx<'_>| -> Result<(), DbError> { purge_by(tx, tx.now()) };
        Ok(context.tenant("files.look_for_due", look).await?)
    }
}
