//! `GET /v1/buckets`

use super::view::{BucketView, BucketsView};
use crate::{app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::permission::FilesRead;

/// Lists all buckets of the firm, by name.
#[utoipa::path(operation_id = "list_buckets", tag = "files", security(("bearer" = ["files:read"])),
    responses((status = 200, body = BucketsView)))]
#[get("/v1/buckets")]
pub(super) async fn list_buckets(app: Data<App>, caller: Allowed<FilesRead>) -> Result<HttpResponse, Problem> {
    app.read("files.list_buckets", &caller, |tx| {
        let data = files::list_buckets(tx)?.into_iter().map(BucketView::from).collect();
        Ok::<_, DbError>(BucketsView { data, has_more: false, next_cursor: None })
    })
    .await
}
