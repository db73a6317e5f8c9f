//! `GET /v1/api-keys`

use super::view::ApiKeyView;
use crate::{
    answer::List,
    app::App,
    extract::{PageParams, PageQuery, Person},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{ids::ApiKeyId, pages::PageRequest, permission::ApiKeysRead};

/// Lists the firm's keys, newest first, those that are revoked too.
#[utoipa::path(operation_id = "list_api_keys", tag = "api_keys", security(("person" = ["api_keys:read"])),
    params(PageParams), responses((status = 200, body = List<ApiKeyView>)))]
#[get("/v1/api-keys")]
pub(super) async fn list_api_keys(
    app: Data<App>,
    caller: Person<ApiKeysRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("auth.list_api_keys", &caller, &page, |tx, page: &PageRequest<ApiKeyId>| {
        let now = tx.now();
        Ok::<_, DbError>(auth::list_api_keys(tx, page)?.map(|key| ApiKeyView::at(key, now)))
    })
    .await
}
