//! `POST /v1/buckets/{name}/uploads/{id}/complete`

use super::{place, view::FileView};
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    post,
    web::Data,
};
use files::Uploaded;
use kernel::{ids::UploadId, permission::FilesWrite};

/// Compares what has arrived in the object store with what was declared, and shows it as a file.
///
/// The whole object is read once for its SHA-256. What is not whole can be sent and completed again. Completing again what is
/// complete gives the file.
#[utoipa::path(operation_id = "complete_upload", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path), ("id" = UploadId, Path)),
    responses((status = 201, description = "A new file", body = FileView),
        (status = 200, description = "A new version, or completed before", body = FileView)))]
#[post("/v1/buckets/{name}/uploads/{id}/complete")]
pub(super) async fn complete_upload(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<UploadId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let bucket = place::bucket(&request)?;
    let Uploaded { file, created } =
        files::complete_upload(&app.db, &app.store, &caller.scope(), &bucket, id.get()).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).insert_header((header::ETAG, file.etag())).json(FileView::from(file)))
}
