//! `PATCH /v1/api-keys/{id}`

#![expect(clippy::option_option, reason = "null and missing differ")]

use super::{
    body::{MOST_NETWORKS, addresses, key_maker},
    view::ApiKeyView,
};
use crate::{
    app::App,
    auth::rules::{is_name_if_given, nullable},
    extract::{IfMatch, IfMatchHeader, PathId, Person, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, patch, web::Data};
use auth::{ApiKeyError, UpdateApiKey};
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{
    ids::ApiKeyId,
    permission::{ApiKeysWrite, Permission},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Changes of a key; what is missing stays as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateApiKeyRequest {
    /// What people will call it.
    #[garde(custom(is_name_if_given))]
    name: Option<String>,
    /// What it may do.
    #[garde(length(min = 1, max = 32))]
    #[schema(min_items = 1, max_items = 32)]
    scopes: Option<Vec<Permission>>,
    /// When its time is over; null: never.
    #[garde(skip)]
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Option<Option<DateTime<Utc>>>,
    /// The networks it may be used from; none means any.
    #[garde(length(max = MOST_NETWORKS))]
    #[schema(max_items = 50)]
    ip_allow_list: Option<Vec<String>>,
}

/// Changes a key, from its next request on.
///
/// To let it do more, last longer or be used from elsewhere needs what making it needs: a verified e-mail address, a password or
/// code shown within the last five minutes, and every permission that the key will have.
#[utoipa::path(operation_id = "update_api_key", tag = "api_keys", security(("person" = ["api_keys:write"])),
    params(("id" = ApiKeyId, Path), IfMatchHeader), request_body = UpdateApiKeyRequest, responses((status = 200, body = ApiKeyView)))]
#[patch("/v1/api-keys/{id}")]
pub(super) async fn update_api_key(
    app: Data<App>,
    caller: Person<ApiKeysWrite>,
    id: PathId<ApiKeyId>,
    seen: IfMatch,
    body: ValidJson<UpdateApiKeyRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = UpdateApiKey {
        id: id.get(),
        if_version: seen.version(),
        name: body.name.map(|name| name.trim().to_owned()),
        scopes: body.scopes.map(|scopes| scopes.into_iter().collect()),
        expires_at: body.expires_at,
        addresses: body.ip_allow_list.as_deref().map(addresses).transpose()?,
        by: key_maker(caller.principal(), app.db.clock().now()),
    };
    app.change("auth.update_api_key", &caller, move |tx| {
        let key = auth::update_api_key(tx, &command)?;
        Ok::<_, ApiKeyError>(ApiKeyView::at(key, tx.now()))
    })
    .await
}
