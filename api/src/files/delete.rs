//! `DELETE /v1/buckets/{name}/files/{path...}`

use super::place::{self, Place};
use crate::{app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, delete, web::Data};
use kernel::permission::FilesWrite;

/// Moves a file to the trash. Its path is free again.
#[utoipa::path(operation_id = "delete_file", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path), ("path" = String, Path)), responses((status = 204)))]
#[delete("/v1/buckets/{name}/files/{path:.*}")]
pub(super) async fn delete_file(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Place { bucket, path } = place::found(&request)?;
    app.remove("files.delete", &caller, move |tx| files::delete_file(tx, &bucket, path.as_str()).map(drop)).await
}
