//! `DELETE /v1/buckets/{name}/uploads/{id}`

use super::place;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, delete, web::Data};
use kernel::{ids::UploadId, permission::FilesWrite};

/// Gives a direct upload up. The room it holds is free at once; what has arrived is deleted.
#[utoipa::path(operation_id = "abort_upload", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path), ("id" = UploadId, Path)), responses((status = 204)))]
#[delete("/v1/buckets/{name}/uploads/{id}")]
pub(super) async fn abort_upload(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<UploadId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (bucket, id) = (place::bucket(&request)?, id.get());
    app.remove("files.abort_upload", &caller, move |tx| files::abort_upload(tx, &bucket, id)).await
}
