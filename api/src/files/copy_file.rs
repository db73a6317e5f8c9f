//! `POST /v1/files/{id}/copy`

use super::{destination::DestinationRequest, view::FileView};
use crate::{
    app::App,
    extract::{Allowed, Once, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::FileId, permission::FilesWrite};

/// Copies a file with its tags and metadata to a free place. Its bytes count for both.
#[utoipa::path(operation_id = "copy_file", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path)), request_body = DestinationRequest, responses((status = 201, body = FileView)))]
#[post("/v1/files/{id}/copy")]
pub(super) async fn copy_file(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    id: PathId<FileId>,
    body: ValidJson<DestinationRequest>,
) -> Result<HttpResponse, Problem> {
    let (id, to) = (id.get(), body.into_inner().destination()?);
    app.write("files.copy", &caller, (&once, StatusCode::CREATED), move |tx| {
        files::copy_file(tx, id, &to).map(FileView::from)
    })
    .await
}
