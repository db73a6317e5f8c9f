//! `GET /v1/buckets/{name}`

use super::view::BucketView;
use crate::{app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use files::FileError;
use kernel::permission::FilesRead;

/// Shows a bucket.
#[utoipa::path(operation_id = "get_bucket", tag = "files", security(("bearer" = ["files:read"])),
    params(("name" = String, Path)), responses((status = 200, body = BucketView)))]
#[get("/v1/buckets/{name}")]
pub(super) async fn get_bucket(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let name = super::place::bucket(&request)?;
    app.change("files.find_bucket", &caller, move |tx| {
        let bucket = files::find_bucket(tx, &name)?.ok_or(FileError::NotFound)?;
        Ok::<_, FileError>(BucketView::from(bucket))
    })
    .await
}
