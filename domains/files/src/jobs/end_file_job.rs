use crate::file_job::{FileJobFailure, fail};
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::JobId;

/// Ends a job on many files that no worker will go on with: its last attempt ended together with its process.
///
/// Enqueued by: the sweeper `FindStorageWork`. Repeats: safe, a job that has ended stays as it is. Order: none. Gives up: never of
/// itself.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct EndFileJob {
    /// The job.
    pub id: JobId,
}

impl Job for EndFileJob {
    const KIND: &'static str = "files.end_file_job";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.id;
        Ok(context.tenant("files.end_file_job", move |tx| fail(tx, id, FileJobFailure::WorkerLost)).await?)
    }
}
