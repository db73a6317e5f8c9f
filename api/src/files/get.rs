//! `GET /v1/files/{id}`

use super::view::FileView;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use files::FileError;
use kernel::{ids::FileId, permission::FilesRead};

/// Shows what is known of a file.
#[utoipa::path(operation_id = "get_file", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path)), responses((status = 200, body = FileView)))]
#[get("/v1/files/{id}")]
pub(super) async fn get_file(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<FileId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("files.find", &caller, move |tx| {
        let file = files::find(tx, id)?.ok_or(FileError::NotFound)?;
        Ok::<_, FileError>(FileView::from(file))
    })
    .await
}
