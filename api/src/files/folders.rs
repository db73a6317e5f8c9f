//! `POST /v1/buckets/{name}/folders/move` and `/copy`

use super::{
    file_jobs::FileJobView,
    place,
    problems::FOLDER_INTO_ITSELF,
    rules::{folder, is_folder},
};
use crate::{
    app::App,
    extract::{Allowed, Once, ValidJson},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use files::{FolderError, FolderMove};
use garde::Validate;
use kernel::permission::FilesWrite;
use serde::Deserialize;
use utoipa::ToSchema;

/// Where a folder is to go.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct FolderRequest {
    /// The folder; empty for the whole bucket.
    #[garde(custom(is_folder))]
    #[schema(example = "合同/2026/")]
    folder: String,
    /// The bucket it is to go to; the same, if nothing is said.
    #[garde(skip)]
    to_bucket: Option<String>,
    /// The folder there; empty for the bucket itself.
    #[garde(custom(is_folder))]
    to_folder: String,
}

impl FolderRequest {
    fn command(self, bucket: String, copy: bool) -> FolderMove {
        let to_bucket = self.to_bucket.unwrap_or_else(|| bucket.clone());
        FolderMove { bucket, folder: folder(&self.folder), to_bucket, to_folder: folder(&self.to_folder), copy }
    }
}

impl From<FolderError> for Problem {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::NotFound => edge::NOT_FOUND.into(),
            FolderError::IntoItself => FOLDER_INTO_ITSELF.into(),
            FolderError::Db(error) => error.into(),
        }
    }
}

/// Moves or renames a folder, in the background. A file whose place is taken there stays where it is.
#[utoipa::path(operation_id = "move_folder", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path)), request_body = FolderRequest, responses((status = 202, body = FileJobView)))]
#[post("/v1/buckets/{name}/folders/move")]
pub(super) async fn move_folder(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    request: HttpRequest,
    body: ValidJson<FolderRequest>,
) -> Result<HttpResponse, Problem> {
    let command = body.into_inner().command(place::bucket(&request)?, false);
    start(&app, &caller, &once, command).await
}

/// Copies a folder, in the background. A file whose place is taken there is not copied.
#[utoipa::path(operation_id = "copy_folder", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path)), request_body = FolderRequest, responses((status = 202, body = FileJobView)))]
#[post("/v1/buckets/{name}/folders/copy")]
pub(super) async fn copy_folder(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    request: HttpRequest,
    body: ValidJson<FolderRequest>,
) -> Result<HttpResponse, Problem> {
    let command = body.into_inner().command(place::bucket(&request)?, true);
    start(&app, &caller, &once, command).await
}

async fn start(
    app: &App,
    caller: &Allowed<FilesWrite>,
    once: &Once,
    command: FolderMove,
) -> Result<HttpResponse, Problem> {
    app.write("files.start_folder_move", caller, (once, StatusCode::ACCEPTED), move |tx| {
        files::start_folder_move(tx, &command).map(FileJobView::from)
    })
    .await
}
