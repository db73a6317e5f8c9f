//! `GET /v1/buckets/{name}/uploads/{id}`

use super::{place, upload_view::DirectUploadView};
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use kernel::{ids::UploadId, permission::FilesWrite};

/// Shows a direct upload. As long as it is open, with new addresses for its bytes, for which the permission to write is needed.
#[utoipa::path(operation_id = "get_upload", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path), ("id" = UploadId, Path)), responses((status = 200, body = DirectUploadView)))]
#[get("/v1/buckets/{name}/uploads/{id}")]
pub(super) async fn get_upload(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<UploadId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let bucket = place::bucket(&request)?;
    let told = files::upload_instructions(&app.db, &app.store, &caller.scope(), &bucket, id.get()).await?;
    Ok(HttpResponse::Ok().json(DirectUploadView::from(told)))
}
