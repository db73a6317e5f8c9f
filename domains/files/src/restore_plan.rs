//! Restoring a moment: what it would do is told first, then it is applied as it was told.

use crate::{
    FileJob, MomentCounts,
    bucket::find_bucket,
    file_job::{FileJobKind, Task, start},
    moment::{MomentTask, count},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::restore_plans};
use diesel::prelude::*;
use kernel::ids::{BucketId, JobId, RestorePlanId};
use serde_json::{Value, json};

/// Which files, and which moment.
#[derive(Debug, Clone)]
pub struct PlanRestore {
    /// The bucket's name; all buckets, if nothing is said.
    pub bucket: Option<String>,
    /// The folder, ending with a slash; empty for all.
    pub folder: String,
    /// The moment.
    pub at: DateTime<Utc>,
}

/// What restoring a moment would do, as it was when it was asked.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = restore_plans)]
pub struct RestorePlan {
    /// Its id.
    pub id: RestorePlanId,
    /// The bucket; `None` for all.
    pub bucket_id: Option<BucketId>,
    /// The folder; empty for all.
    pub prefix: String,
    /// The moment.
    pub at: DateTime<Utc>,
    counts: Value,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
    /// The job that applied it.
    pub job_id: Option<JobId>,
    /// When it was applied. Restoring the moment before undoes it.
    pub applied_at: Option<DateTime<Utc>>,
}

impl RestorePlan {
    /// What it would do.
    pub fn counts(&self) -> MomentCounts {
        serde_json::from_value(self.counts.clone()).unwrap_or_default()
    }

    fn task(&self) -> MomentTask {
        MomentTask { bucket: self.bucket_id, folder: self.prefix.clone(), at: self.at }
    }
}

/// Why a moment is not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestorePlanError {
    /// No such bucket or plan.
    #[error("no such bucket or plan")]
    NotFound,
    /// The moment is still to come.
    #[error("the moment lies in the future")]
    Future,
    /// It was applied before.
    #[error("the plan was applied before")]
    Applied,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Tells what restoring a moment would do. Changes no file.
pub fn plan_restore(tx: &mut TenantTx<'_>, wanted: &PlanRestore) -> Result<RestorePlan, RestorePlanError> {
    if wanted.at > tx.now() {
        return Err(RestorePlanError::Future);
    }
    let bucket = match &wanted.bucket {
        Some(name) => Some(find_bucket(tx, name)?.ok_or(RestorePlanError::NotFound)?.id),
        None => None,
    };
    let task = MomentTask { bucket, folder: wanted.folder.clone(), at: wanted.at };
    let counts = serde_json::to_value(count(tx, &task)?).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let id: RestorePlanId = tx.new_id();
    let plan: RestorePlan = diesel::insert_into(restore_plans::table)
        .values((
            restore_plans::id.eq(id),
            restore_plans::bucket_id.eq(bucket),
            restore_plans::prefix.eq(&wanted.folder),
            restore_plans::at.eq(wanted.at),
            restore_plans::counts.eq(counts),
            restore_plans::created_at.eq(tx.now()),
        ))
        .returning(RestorePlan::as_returning())
        .get_result(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("files.restore_planned", id, json!({ "at": wanted.at }))?;
    Ok(plan)
}

/// A plan by its id.
pub fn find_restore_plan(tx: &mut TenantTx<'_>, id: RestorePlanId) -> Result<Option<RestorePlan>, DbError> {
    let row = restore_plans::table.filter(restore_plans::tenant_id.eq(tx.tenant())).filter(restore_plans::id.eq(id));
    Ok(row.select(RestorePlan::as_select()).first(tx.conn()).optional()?)
}

/// Begins to restore the moment, once. What has changed since the plan was made is seen to as well.
pub fn apply_restore(tx: &mut TenantTx<'_>, id: RestorePlanId) -> Result<FileJob, RestorePlanError> {
    let row = restore_plans::table.filter(restore_plans::tenant_id.eq(tx.tenant())).filter(restore_plans::id.eq(id));
    let plan = row.select(RestorePlan::as_select()).for_update().first(tx.conn()).optional().map_err(DbError::from)?;
    let plan = plan.ok_or(RestorePlanError::NotFound)?;
    if plan.job_id.is_some() {
        return Err(RestorePlanError::Applied);
    }
    let task = plan.task();
    let total = count(tx, &task)?.total;
    let job = start(tx, FileJobKind::Restore, &Task::Moment(task), total)?;
    let now = tx.now();
    diesel::update(row)
        .set((restore_plans::job_id.eq(job.id), restore_plans::applied_at.eq(now)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("files.restore_applied", id, json!({ "at": plan.at, "files": total }))?;
    Ok(job)
}
