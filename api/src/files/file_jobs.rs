//! `GET /v1/storage/jobs` and `GET /v1/storage/jobs/{id}`

use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use db::DbError;
use files::{Conflict, FileError, FileJob, FileJobFailure, FileJobKind, FileJobState};
use kernel::{ids::JobId, pages::PageRequest, permission::FilesRead};
use serde::Serialize;
use utoipa::ToSchema;

/// A file that a job left as it is.
#[derive(Debug, Serialize, ToSchema)]
struct ConflictView {
    /// The file's path.
    path: String,
    /// Why: `path_taken`, `path_invalid`, `type_not_allowed`, `file_too_large`, `storage_quota_exceeded`, `version_gone` or
    /// `bucket_gone`.
    code: String,
}

impl From<Conflict> for ConflictView {
    fn from(Conflict { path, code }: Conflict) -> Self {
        Self { path, code }
    }
}

/// Work on many files, in the background.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FileJobView {
    /// Its id.
    id: JobId,
    /// What it does.
    kind: FileJobKind,
    /// How far it has come.
    state: FileJobState,
    /// Files to be looked at, as counted when it began.
    total: i64,
    /// Files looked at.
    done: i64,
    /// Files left as they are.
    skipped: i64,
    /// The first hundred of them, and why.
    conflicts: Vec<ConflictView>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When it ended.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    /// Why it failed, if it did; what was done stays done.
    #[schema(required, value_type = Option<FileJobFailure>)]
    reason: Option<FileJobFailure>,
}

impl From<FileJob> for FileJobView {
    fn from(job: FileJob) -> Self {
        let conflicts = job.conflicts().into_iter().map(ConflictView::from).collect();
        let FileJob { id, kind, state, total, done, skipped, created_at, finished_at, reason, .. } = job;
        Self { id, kind, state, total, done, skipped, conflicts, created_at, finished_at, reason }
    }
}

/// Lists the firm's work on many files, newest first.
#[utoipa::path(operation_id = "list_storage_jobs", tag = "files", security(("bearer" = ["files:read"])),
    params(PageParams), responses((status = 200, body = List<FileJobView>)))]
#[get("/v1/storage/jobs")]
pub(super) async fn list_storage_jobs(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("files.list_jobs", &caller, &page, move |tx, page: &PageRequest<JobId>| {
        Ok::<_, DbError>(files::list_file_jobs(tx, page)?.map(FileJobView::from))
    })
    .await
}

/// Tells how far work on many files has come.
#[utoipa::path(operation_id = "get_storage_job", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = JobId, Path)), responses((status = 200, body = FileJobView)))]
#[get("/v1/storage/jobs/{id}")]
pub(super) async fn get_storage_job(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<JobId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.read("files.find_job", &caller, move |tx| {
        let job = files::find_file_job(tx, id)?.ok_or(FileError::NotFound)?;
        Ok::<_, FileError>(FileJobView::from(job))
    })
    .await
}
