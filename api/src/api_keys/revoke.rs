//! `DELETE /v1/api-keys/{id}`

use crate::{
    app::App,
    extract::{PathId, Protector},
    problem::Problem,
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::{ids::ApiKeyId, permission::ApiKeysWrite};

/// Revokes a key for good: all its secrets stop working with the next request. A firm that is held may do it too.
#[utoipa::path(operation_id = "revoke_api_key", tag = "api_keys", security(("person" = ["api_keys:write"])),
    params(("id" = ApiKeyId, Path)), responses((status = 204)))]
#[delete("/v1/api-keys/{id}")]
pub(super) async fn revoke_api_key(
    app: Data<App>,
    caller: Protector<ApiKeysWrite>,
    id: PathId<ApiKeyId>,
) -> Result<HttpResponse, Problem> {
    app.remove("auth.revoke_api_key", &caller, move |tx| auth::revoke_api_key(tx, id.get())).await
}
