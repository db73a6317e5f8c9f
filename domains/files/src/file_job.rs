//! Work on many files at once, that a firm can watch: in steps, each a transaction of its own.
//!
//! ```text
//! running --step by step, position kept with the work--> done
//!     \--the worker gave up, or died with the last attempt--> failed
//! ```

use crate::{RunFileJob, folder::FolderTask, moment::MomentTask};
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::file_jobs};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::{
    ids::JobId,
    pages::{Page, PageRequest},
    text_enum,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Conflicts that are told by name; more are only counted.
const CONFLICTS_TOLD: usize = 100;

text_enum! {
    /// What a job does.
    pub enum FileJobKind {
        /// Moves the files of a folder.
        Move = "move",
        /// Copies the files of a folder.
        Copy = "copy",
        /// Restores a moment.
        Restore = "restore",
    }
}

text_enum! {
    /// How far a job has come.
    pub enum FileJobState {
        /// Under way.
        Running = "running",
        /// All files were looked at.
        Done = "done",
        /// Given up; what was done stays done.
        Failed = "failed",
    }
}

text_enum! {
    /// Why a job was given up.
    pub enum FileJobFailure {
        /// Its last attempt failed.
        GaveUp = "gave_up",
        /// Its last attempt ended together with the process that made it.
        WorkerLost = "worker_lost",
    }
}

/// A file that a job left as it is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The file's path.
    pub path: String,
    /// A stable word: `path_taken`, `path_invalid`, `type_not_allowed`, `file_too_large`, `storage_quota_exceeded`,
    /// `version_gone` or `bucket_gone`.
    pub code: String,
}

impl Conflict {
    pub(crate) fn new(path: &str, code: &str) -> Self {
        Self { path: path.to_owned(), code: code.to_owned() }
    }
}

/// A job.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = file_jobs)]
pub struct FileJob {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: FileJobKind,
    /// How far it has come.
    pub state: FileJobState,
    pub(crate) task: Value,
    /// Files to be looked at, as counted when it began.
    pub total: i64,
    /// Files looked at.
    pub done: i64,
    /// Files left as they are.
    pub skipped: i64,
    conflicts: Value,
    pub(crate) position: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed, if it did.
    pub reason: Option<FileJobFailure>,
}

impl FileJob {
    /// The first files that were left as they are.
    pub fn conflicts(&self) -> Vec<Conflict> {
        serde_json::from_value(self.conflicts.clone()).unwrap_or_default()
    }
}

/// What a job has to do, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub(crate) enum Task {
    Folder(FolderTask),
    Moment(MomentTask),
}

/// What one step came to.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Files looked at.
    pub(crate) done: i64,
    /// Those left as they are.
    pub(crate) conflicts: Vec<Conflict>,
    /// Where the next step goes on; `None`: there is none.
    pub(crate) next: Option<String>,
}

/// Begins a job: the worker takes it up.
pub(crate) fn start(tx: &mut TenantTx<'_>, kind: FileJobKind, task: &Task, total: i64) -> Result<FileJob, DbError> {
    let id: JobId = tx.new_id();
    let task = serde_json::to_value(task).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let job = diesel::insert_into(file_jobs::table)
        .values((
            file_jobs::id.eq(id),
            file_jobs::kind.eq(kind),
            file_jobs::state.eq(FileJobState::Running),
            file_jobs::task.eq(task),
            file_jobs::total.eq(total),
            file_jobs::created_at.eq(tx.now()),
        ))
        .returning(FileJob::as_returning())
        .get_result(tx.conn())?;
    tx.enqueue(&RunFileJob { id })?;
    Ok(job)
}

/// A running job, locked; `None` if it is not running.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: JobId) -> Result<Option<FileJob>, DbError> {
    Ok(file_jobs::table
        .filter(file_jobs::tenant_id.eq(tx.tenant()))
        .filter(file_jobs::id.eq(id))
        .filter(file_jobs::state.eq(FileJobState::Running))
        .select(FileJob::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Keeps a step's outcome with its work. True if there is another step.
pub(crate) fn keep(tx: &mut TenantTx<'_>, job: &FileJob, step: Step) -> Result<bool, DbError> {
    let mut conflicts = job.conflicts();
    let skipped = i64::try_from(step.conflicts.len()).unwrap_or(i64::MAX);
    let room = CONFLICTS_TOLD.saturating_sub(conflicts.len());
    conflicts.extend(step.conflicts.into_iter().take(room));
    let conflicts = serde_json::to_value(conflicts).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let more = step.next.is_some();
    let (state, finished) = if more { (FileJobState::Running, None) } else { (FileJobState::Done, Some(tx.now())) };
    diesel::update(file_jobs::table.filter(file_jobs::tenant_id.eq(tx.tenant())).filter(file_jobs::id.eq(job.id)))
        .set((
            file_jobs::done.eq(file_jobs::done + step.done),
            file_jobs::skipped.eq(file_jobs::skipped + skipped),
            file_jobs::conflicts.eq(conflicts),
            file_jobs::position.eq(step.next),
            file_jobs::state.eq(state),
            file_jobs::finished_at.eq(finished),
        ))
        .execute(tx.conn())?;
    Ok(more)
}

/// Notes that a job was given up, and why. One that has ended stays as it is.
pub(crate) fn fail(tx: &mut TenantTx<'_>, id: JobId, reason: FileJobFailure) -> Result<(), DbError> {
    let now = tx.now();
    let running = file_jobs::table
        .filter(file_jobs::tenant_id.eq(tx.tenant()))
        .filter(file_jobs::id.eq(id))
        .filter(file_jobs::state.eq(FileJobState::Running));
    diesel::update(running)
        .set((file_jobs::state.eq(FileJobState::Failed), file_jobs::finished_at.eq(now), file_jobs::reason.eq(reason)))
        .execute(tx.conn())?;
    Ok(())
}

/// A job by its id.
pub fn find_file_job(tx: &mut TenantTx<'_>, id: JobId) -> Result<Option<FileJob>, DbError> {
    Ok(file_jobs::table
        .filter(file_jobs::tenant_id.eq(tx.tenant()))
        .filter(file_jobs::id.eq(id))
        .select(FileJob::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The firm's jobs, newest first.
pub fn list_file_jobs(tx: &mut TenantTx<'_>, page: &PageRequest<JobId>) -> Result<Page<FileJob, JobId>, DbError> {
    let mut rows = file_jobs::table
        .filter(file_jobs::tenant_id.eq(tx.tenant()))
        .select(FileJob::as_select())
        .order(file_jobs::id.desc())
        .limit(page.fetch())
        .into_boxed();
    if let Some(after) = page.after {
        rows = rows.filter(file_jobs::id.lt(after));
    }
    Ok(Page::of(rows.load(tx.conn())?, page, |job| job.id))
}
