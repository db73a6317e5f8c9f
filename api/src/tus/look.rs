//! `HEAD /v1/tus/{id}`

use super::{
    problems::of_upload,
    protocol::{DEFER_LENGTH, LENGTH, METADATA, OFFSET, demand_version, expires},
};
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, head, http::header, web::Data};
use kernel::{ids::UploadId, permission::FilesWrite};

/// Tells how far a resumable upload has come.
#[utoipa::path(operation_id = "look_at_resumable_upload", tag = "tus", security(("bearer" = ["files:write"])),
    params(("id" = UploadId, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 200, description = "Upload-Offset tells where to go on")))]
#[head("/v1/tus/{id}")]
pub(super) async fn look_at_resumable(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<UploadId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    demand_version(request.headers())?;
    let found = files::find_resumable(&app.db, &app.store, &caller.scope(), id.get()).await.map_err(of_upload)?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((OFFSET, found.offset.to_string()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(expires(found.expires_at));
    match found.length {
        Some(length) => answer.insert_header((LENGTH, length.to_string())),
        None => answer.insert_header((DEFER_LENGTH, "1")),
    };
    if let Some(metadata) = found.metadata {
        answer.insert_header((METADATA, metadata));
    }
    if let Some(file) = found.file_id {
        answer.insert_header((header::CONTENT_LOCATION, format!("/v1/files/{file}")));
    }
    Ok(answer.finish())
}
