//! `POST /v1/restore-plans`, `GET /v1/restore-plans/{id}`, `POST /v1/restore-plans/{id}/apply`

use super::{
    file_jobs::FileJobView,
    problems::{RESTORE_PLAN_APPLIED, RESTORE_TO_FUTURE},
    rules::{folder, is_folder},
};
use crate::{
    app::App,
    extract::{Allowed, Once, PathId, RequiredOnce, ValidJson},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, get, http::StatusCode, post, web::Data};
use chrono::{DateTime, Utc};
use files::{MomentCounts, PlanRestore, RestorePlan, RestorePlanError};
use garde::Validate;
use kernel::{
    ids::{BucketId, JobId, RestorePlanId},
    permission::{FilesRead, FilesWrite},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which files, and which moment.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanRestoreRequest {
    /// The bucket's name; all buckets, if nothing is said.
    #[garde(skip)]
    bucket: Option<String>,
    /// The folder; empty for all.
    #[garde(custom(is_folder))]
    #[serde(default)]
    folder: String,
    /// The moment, in the past.
    #[garde(skip)]
    at: DateTime<Utc>,
}

/// What restoring a moment would do, in files.
#[derive(Debug, Serialize, ToSchema)]
struct MomentCountsView {
    /// Come back from the trash.
    from_trash: i64,
    /// Go to the trash, because they were not there.
    to_trash: i64,
    /// Go back to another place.
    moved: i64,
    /// Show an older version again.
    content: i64,
    /// Stay as they are, because what they showed, or their bucket, is deleted for good. Files that are deleted for good themselves
    /// are not known any more.
    lost: i64,
    /// All of them, each counted once.
    total: i64,
}

impl From<MomentCounts> for MomentCountsView {
    fn from(counts: MomentCounts) -> Self {
        let MomentCounts { from_trash, to_trash, moved, content, lost, total } = counts;
        Self { from_trash, to_trash, moved, content, lost, total }
    }
}

/// What restoring a moment would do, as it was when it was asked.
#[derive(Debug, Serialize, ToSchema)]
struct RestorePlanView {
    /// Its id.
    id: RestorePlanId,
    /// The bucket; null for all.
    #[schema(required)]
    bucket_id: Option<BucketId>,
    /// The folder; empty for all.
    folder: String,
    /// The moment.
    at: DateTime<Utc>,
    /// What it would do.
    counts: MomentCountsView,
    /// When it was asked.
    created_at: DateTime<Utc>,
    /// The job that applied it.
    #[schema(required)]
    job_id: Option<JobId>,
    /// When it was applied. A plan for the moment before undoes it.
    #[schema(required)]
    applied_at: Option<DateTime<Utc>>,
}

impl From<RestorePlan> for RestorePlanView {
    fn from(plan: RestorePlan) -> Self {
        let counts = plan.counts().into();
        let RestorePlan { id, bucket_id, prefix, at, created_at, job_id, applied_at, .. } = plan;
        Self { id, bucket_id, folder: prefix, at, counts, created_at, job_id, applied_at }
    }
}

impl From<RestorePlanError> for Problem {
    fn from(error: RestorePlanError) -> Self {
        match error {
            RestorePlanError::NotFound => edge::NOT_FOUND.into(),
            RestorePlanError::Future => RESTORE_TO_FUTURE.into(),
            RestorePlanError::Applied => RESTORE_PLAN_APPLIED.into(),
            RestorePlanError::Db(error) => error.into(),
        }
    }
}

/// Tells what it would mean to have a folder, a bucket or all files as they were at a moment. Changes no file.
#[utoipa::path(operation_id = "plan_restore", tag = "files", security(("bearer" = ["files:write"])),
    request_body = PlanRestoreRequest, responses((status = 201, body = RestorePlanView)))]
#[post("/v1/restore-plans")]
pub(super) async fn plan_restore(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    body: ValidJson<PlanRestoreRequest>,
) -> Result<HttpResponse, Problem> {
    let PlanRestoreRequest { bucket, folder: text, at } = body.into_inner();
    let wanted = PlanRestore { bucket, folder: folder(&text), at };
    app.write("files.plan_restore", &caller, (&once, StatusCode::CREATED), move |tx| {
        files::plan_restore(tx, &wanted).map(RestorePlanView::from)
    })
    .await
}

/// Shows a plan, and the job that applied it.
#[utoipa::path(operation_id = "get_restore_plan", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = RestorePlanId, Path)), responses((status = 200, body = RestorePlanView)))]
#[get("/v1/restore-plans/{id}")]
pub(super) async fn get_restore_plan(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<RestorePlanId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.read("files.find_restore_plan", &caller, move |tx| {
        let plan = files::find_restore_plan(tx, id)?.ok_or(RestorePlanError::NotFound)?;
        Ok::<_, RestorePlanError>(RestorePlanView::from(plan))
    })
    .await
}

/// Applies a plan, once, in the background. Nothing is deleted, so a plan for the moment before undoes it.
#[utoipa::path(operation_id = "apply_restore", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = RestorePlanId, Path)), responses((status = 202, body = FileJobView)))]
#[post("/v1/restore-plans/{id}/apply")]
pub(super) async fn apply_restore(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: RequiredOnce,
    id: PathId<RestorePlanId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.write("files.apply_restore", &caller, (&once, StatusCode::ACCEPTED), move |tx| {
        files::apply_restore(tx, id).map(FileJobView::from)
    })
    .await
}
