use crate::{
    FileError,
    file_job::{self, FileJobFailure, Task},
    folder, moment,
};
use db::{DbError, TenantScope, TenantTx};
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::JobId;

/// Does a job on many files, step by step.
///
/// Enqueued by: whoever asks for the job, in the same transaction. Repeats: safe, how far it has come is kept with the work of
/// each step. Order: none; two jobs on the same files take turns, file by file. Gives up: after many attempts; the job is then
/// failed, and what was done stays done. If the last attempt ends with its process, the sweeper finds it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct RunFileJob {
    /// The job.
    pub id: JobId,
}

impl Job for RunFileJob {
    const KIND: &'static str = "files.run_file_job";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.id;
        loop {
            match context.tenant("files.run_file_job", move |tx| step(tx, id)).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) if context.is_last_attempt() => {
                    context
                        .tenant("files.fail_file_job", move |tx| file_job::fail(tx, id, FileJobFailure::GaveUp))
                        .await?;
                    return Err(JobError::give_up(error));
                }
                Err(error) => return Err(JobError::retry(error)),
            }
        }
    }
}

/// One step and its outcome. True if there is another.
fn step(tx: &mut TenantTx<'_>, id: JobId) -> Result<bool, FileError> {
    let Some(job) = file_job::lock(tx, id)? else { return Ok(false) };
    let task = serde_json::from_value(job.task.clone()).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let step = match &task {
        Task::Folder(task) => folder::step(tx, task, &job)?,
        Task::Moment(task) => moment::step(tx, task, job.position.as_deref())?,
    };
    Ok(file_job::keep(tx, &job, step)?)
}
