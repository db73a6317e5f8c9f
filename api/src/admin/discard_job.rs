//! `POST /admin/v1/jobs/{id}/discard`

use super::view::JobView;
use crate::{
    answer,
    app::App,
    extract::{Administrator, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::ids::JobId;

/// Removes a dead job and shows what it was.
#[utoipa::path(operation_id = "admin_discard_job", tag = "admin", security(("bearer" = [])),
    params(("id" = JobId, Path)), responses((status = 200, body = JobView)))]
#[post("/admin/v1/jobs/{id}/discard")]
pub(super) async fn admin_discard_job(
    app: Data<App>,
    caller: Administrator,
    id: PathId<JobId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    let job = app
        .db
        .jobs("platform.discard_job", caller.actor(), move |tx| platform::discard_job(tx, id))
        .await?
        .ok_or_else(|| Problem::new(edge::NOT_FOUND))?;
    Ok(answer::json(StatusCode::OK, &JobView::from(job)))
}
