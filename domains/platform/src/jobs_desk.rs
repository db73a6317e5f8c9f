//! Background jobs, seen and mended by administrators.

use crate::chain::record;
use db::{DbError, JobsTx};
use jobs::{
    JobState,
    inspect::{self, Depth, JobRow},
};
use kernel::{
    ids::JobId,
    pages::{Page, PageRequest},
};
use serde_json::{Value, json};

/// Jobs in a state, newest first.
pub fn list_jobs(
    tx: &mut JobsTx<'_>,
    state: Option<JobState>,
    page: &PageRequest<JobId>,
) -> Result<Page<JobRow, JobId>, DbError> {
    note(tx, "admin.jobs_listed", "jobs", json!({ "state": state }))?;
    inspect::list(tx, state, page)
}

/// Gives a dead job all its attempts anew and shows it; `None` if no dead job has this id.
pub fn retry_job(tx: &mut JobsTx<'_>, id: JobId) -> Result<Option<JobRow>, DbError> {
    note(tx, "admin.job_retried", id, json!({}))?;
    if inspect::retry(tx, id)? { inspect::find(tx, id) } else { Ok(None) }
}

/// Removes a dead job and shows what it was; `None` if no dead job has this id.
pub fn discard_job(tx: &mut JobsTx<'_>, id: JobId) -> Result<Option<JobRow>, DbError> {
    let found = inspect::find(tx, id)?;
    note(tx, "admin.job_discarded", id, json!({ "kind": found.as_ref().map(|job| &job.kind) }))?;
    Ok(if inspect::discard(tx, id)? { found } else { None })
}

/// How full the queue is, by kind and state.
pub fn list_queues(tx: &mut JobsTx<'_>) -> Result<Vec<Depth>, DbError> {
    note(tx, "admin.queues_listed", "queues", json!({}))?;
    inspect::depths(tx)
}

fn note(tx: &mut JobsTx<'_>, action: &'static str, object: impl ToString, detail: Value) -> Result<(), DbError> {
    tx.in_platform(|tx| record(tx, action, object, detail))
}
