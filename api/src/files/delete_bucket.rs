//! `DELETE /v1/buckets/{name}`

use super::{place, problems::BUCKET_NOT_EMPTY};
use crate::{
    app::App,
    extract::Allowed,
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, delete, web::Data};
use files::DeleteBucketError;
use kernel::permission::FilesWrite;

impl From<DeleteBucketError> for Problem {
    fn from(error: DeleteBucketError) -> Self {
        match error {
            DeleteBucketError::NotFound => edge::NOT_FOUND.into(),
            DeleteBucketError::NotEmpty => BUCKET_NOT_EMPTY.into(),
            DeleteBucketError::Db(error) => error.into(),
        }
    }
}

/// Deletes an empty bucket. What waits in the trash counts too.
#[utoipa::path(operation_id = "delete_bucket", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path)), responses((status = 204)))]
#[delete("/v1/buckets/{name}")]
pub(super) async fn delete_bucket(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let name = place::bucket(&request)?;
    app.remove("files.delete_bucket", &caller, move |tx| files::delete_bucket(tx, &name)).await
}
