use chrono::{DateTime, Utc};
use jobs::{
    JobState,
    inspect::{Depth, JobRow},
};
use kernel::ids::{JobId, TenantId};
use serde::Serialize;
use utoipa::ToSchema;

/// A background job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobView {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: String,
    /// For which firm; null for the platform's own.
    pub tenant_id: Option<TenantId>,
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

impl From<JobRow> for JobView {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            tenant_id: row.for_tenant,
            state: row.state,
            run_at: row.run_at,
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueView {
    /// What they do.
    pub kind: String,
    /// Where they stand.
    pub state: JobState,
    /// How many they are.
    pub count: i64,
    /// When the first of them may run or might have run.
    pub oldest: Option<DateTime<Utc>>,
}

impl From<Depth> for QueueView {
    fn from(depth: Depth) -> Self {
        Self { kind: depth.kind, state: depth.state, count: depth.count, oldest: depth.oldest }
    }
}
