//! The queue as administrators see and mend it.

use chrono::{DateTime, Utc};
use db::{DbError, JobsTx, schema::jobs};
use diesel::{
    dsl::{count_star, min, sql},
    prelude::*,
    sql_query,
    sql_types::{Nullable, Timestamptz},
};
use kernel::{
    ids::{JobId, TenantId},
    pages::{Page, PageRequest},
    text_enum,
};
use serde_json::Value;

text_enum! {
    /// Where a job stands. One that is done is gone.
    pub enum JobState {
        /// Waits for its time and a worker.
        Ready = "ready",
        /// A worker holds its lease.
        Running = "running",
        /// Put aside with its reason.
        Dead = "dead",
    }
}

/// One job.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: String,
    /// For which tenant; `None` for the platform's own.
    pub for_tenant: Option<TenantId>,
    /// Ids it works on.
    pub payload: Value,
    /// Where it stands.
    pub state: JobState,
    /// When it may run.
    pub run_at: DateTime<Utc>,
    /// How often it was started.
    pub attempts: i32,
    /// Why its last attempt failed.
    pub last_error: Option<String>,
    /// When it was left.
    pub created_at: DateTime<Utc>,
    /// When it was put aside.
    pub finished_at: Option<DateTime<Utc>>,
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Depth {
    /// What they do.
    pub kind: String,
    /// Where they stand.
    pub state: JobState,
    /// How many they are.
    pub count: i64,
    /// When the first of them may run or might have run.
    pub oldest: Option<DateTime<Utc>>,
}

/// Jobs in a state, newest first.
pub fn list(
    tx: &mut JobsTx<'_>,
    state: Option<JobState>,
    page: &PageRequest<JobId>,
) -> Result<Page<JobRow, JobId>, DbError> {
    let mut query = jobs::table.order(jobs::id.desc()).limit(page.fetch()).select(JobRow::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(jobs::state.eq(state));
    }
    if let Some(after) = page.after {
        query = query.filter(jobs::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row| row.id))
}

/// One job, if it is still there.
pub fn find(tx: &mut JobsTx<'_>, id: JobId) -> Result<Option<JobRow>, DbError> {
    Ok(jobs::table.filter(jobs::id.eq(id)).select(JobRow::as_select()).first(tx.conn()).optional()?)
}

/// Gives a dead job all its attempts anew; false if no dead job has this id.
pub fn retry(tx: &mut JobsTx<'_>, id: JobId) -> Result<bool, DbError> {
    let revived = diesel::update(jobs::table.filter(jobs::id.eq(id)).filter(jobs::state.eq(JobState::Dead)))
        .set((
            jobs::state.eq(JobState::Ready),
            jobs::attempts.eq(0),
            jobs::run_at.eq(tx.now()),
            jobs::finished_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn())?;
    sql_query("SELECT pg_notify('jobs', '')").execute(tx.conn())?;
    Ok(revived == 1)
}

/// Removes a dead job; false if no dead job has this id.
pub fn discard(tx: &mut JobsTx<'_>, id: JobId) -> Result<bool, DbError> {
    let dead = jobs::table.filter(jobs::id.eq(id)).filter(jobs::state.eq(JobState::Dead));
    Ok(diesel::delete(dead).execute(tx.conn())? == 1)
}

/// Ends all leases, so that what a dead process held is claimed again at once. Only for one who knows that no other worker
/// lives; a worker that lives after all loses its jobs like one whose lease ran out. Returns how many were held.
pub fn end_all_leases(tx: &mut JobsTx<'_>) -> Result<usize, DbError> {
    let held = jobs::table.filter(jobs::state.eq(JobState::Running));
    let ended = sql::<Nullable<Timestamptz>>("clock_timestamp()");
    Ok(diesel::update(held).set(jobs::lease_until.eq(ended)).execute(tx.conn())?)
}

/// How full the queue is, by kind and state.
pub fn depths(tx: &mut JobsTx<'_>) -> Result<Vec<Depth>, DbError> {
    let depths = jobs::table
        .group_by((jobs::kind, jobs::state))
        .order((jobs::kind, jobs::state))
        .select((jobs::kind, jobs::state, count_star(), min(jobs::run_at)))
        .load(tx.conn())?;
    Ok(depths)
}
