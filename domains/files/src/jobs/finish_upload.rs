use crate::{
    ObjectStore, UploadError,
    blob::key,
    resumable::{join, sealed, show},
};
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::UploadId;

/// Finishes an upload whose bytes have all come, if the request that brought the last of them could not.
///
/// Enqueued by: the transaction that seals the upload. Repeats: safe, what is done stays so. Order: none. Gives up: after many
/// attempts; the upload then expires.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FinishUpload {
    pub(crate) upload: UploadId,
}

impl Job for FinishUpload {
    const KIND: &'static str = "files.finish_upload";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = ObjectStore;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.upload;
        let (tenant, to_scan) = (context.scope().tenant(), context.deps().scanner().is_some());
        let found = context.tenant("files.find_sealed", move |tx| sealed(tx, id)).await;
        let (row, parts) = match found {
            Ok(Some(found)) => found,
            Ok(None) | Err(UploadError::NoUpload) => return Ok(()),
            Err(error) => return Err(JobError::retry(error)),
        };
        join(context.deps(), &key(tenant, row.blob_id), &row, parts).await.map_err(JobError::retry)?;
        match context.tenant("files.finish_sealed", move |tx| show(tx, id, to_scan)).await {
            Ok(_) | Err(UploadError::Ended) => Ok(()),
            Err(error) => Err(JobError::retry(error)),
        }
    }
}
