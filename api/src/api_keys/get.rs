//! `GET /v1/api-keys/{id}`

use super::view::ApiKeyView;
use crate::{
    app::App,
    extract::{PathId, Person},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use auth::ApiKeyError;
use kernel::{ids::ApiKeyId, permission::ApiKeysRead};

/// Shows a key, without its secret.
#[utoipa::path(operation_id = "get_api_key", tag = "api_keys", security(("person" = ["api_keys:read"])),
    params(("id" = ApiKeyId, Path)), responses((status = 200, body = ApiKeyView)))]
#[get("/v1/api-keys/{id}")]
pub(super) async fn get_api_key(
    app: Data<App>,
    caller: Person<ApiKeysRead>,
    id: PathId<ApiKeyId>,
) -> Result<HttpResponse, Problem> {
    app.change("auth.find_api_key", &caller, move |tx| {
        let key = auth::find_api_key(tx, id.get())?;
        Ok::<_, ApiKeyError>(ApiKeyView::at(key, tx.now()))
    })
    .await
}
