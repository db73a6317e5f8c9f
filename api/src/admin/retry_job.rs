//! `POST /admin/v1/jobs/{id}/retry`

use super::view::JobView;
use crate::{
    answer,
    app::App,
    extract::{Administrator, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::ids::JobId;

/// Gives a dead job all its attempts anew.
#[utoipa::path(operation_id = "admin_retry_job", tag = "admin", security(("bearer" = [])),
    params(("id" = JobId, Path)), responses((status = 200, body = JobView)))]
#[post("/admin/v1/jobs/{id}/retry")]
pub(super) async fn admin_retry_job(
    app: Data<App>,
    caller: Administrator,
    id: PathId<JobId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    let job = app
        .db
        .jobs("platform.retry_job", caller.actor(), move |tx| platform::retry_job(tx, id))
        .await?
        .ok_or_else(|| Problem::new(edge::NOT_FOUND))?;
    Ok(answer::json(StatusCode::OK, &JobView::from(job)))
}
