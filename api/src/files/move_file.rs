//! `POST /v1/files/{id}/move`

use super::{destination::DestinationRequest, view::FileView};
use crate::{
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, Once, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::FileId, permission::FilesWrite};

/// Moves or renames a file. No byte moves, and its versions go with it. A place that is taken refuses it.
#[utoipa::path(operation_id = "move_file", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path), IfMatchHeader), request_body = DestinationRequest,
    responses((status = 200, body = FileView)))]
#[post("/v1/files/{id}/move")]
pub(super) async fn move_file(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    (id, seen): (PathId<FileId>, IfMatch),
    body: ValidJson<DestinationRequest>,
) -> Result<HttpResponse, Problem> {
    let (id, seen, to) = (id.get(), seen.version(), body.into_inner().destination()?);
    app.write("files.move", &caller, (&once, StatusCode::OK), move |tx| {
        files::move_file(tx, id, &to, seen).map(FileView::from)
    })
    .await
}
