//! `POST /v1/api-keys`

use super::{
    body::{MOST_NETWORKS, addresses, key_maker},
    view::ApiKeyWithSecretView,
};
use crate::{
    app::App,
    auth::rules::is_name,
    extract::{Once, ValidJson, VerifiedAndSteppedUpFor},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use auth::{ApiKeyError, CreateApiKey};
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::permission::{ApiKeysWrite, Permission};
use serde::Deserialize;
use utoipa::ToSchema;

/// A key to be made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateApiKeyRequest {
    /// What people will call it.
    #[garde(custom(is_name))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What it may do: permissions that you have yourself, and none that is for people only.
    #[garde(length(min = 1, max = 32))]
    #[schema(min_items = 1, max_items = 32)]
    scopes: Vec<Permission>,
    /// When its time is over; never, if missing.
    #[garde(skip)]
    expires_at: Option<DateTime<Utc>>,
    /// The networks it may be used from, such as `203.0.113.0/24` or `2001:db8::1`; any, if missing or empty.
    #[garde(length(max = MOST_NETWORKS))]
    #[serde(default)]
    #[schema(max_items = 50)]
    ip_allow_list: Vec<String>,
}

/// Makes a key for a program. Its `secret` is shown this once.
///
/// Needs a verified e-mail address, and a password or code shown within the last five minutes.
#[utoipa::path(operation_id = "create_api_key", tag = "api_keys", security(("person" = ["api_keys:write"])),
    request_body = CreateApiKeyRequest, responses((status = 201, body = ApiKeyWithSecretView)))]
#[post("/v1/api-keys")]
pub(super) async fn create_api_key(
    app: Data<App>,
    caller: VerifiedAndSteppedUpFor<ApiKeysWrite>,
    once: Once,
    body: ValidJson<CreateApiKeyRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = CreateApiKey {
        addresses: addresses(&body.ip_allow_list)?,
        name: body.name.trim().to_owned(),
        scopes: body.scopes.into_iter().collect(),
        expires_at: body.expires_at,
        by: key_maker(caller.principal(), app.db.clock().now()),
    };
    app.write_secret("auth.create_api_key", &caller, (&once, StatusCode::CREATED), move |tx| {
        let made = auth::create_api_key(tx, &command)?;
        Ok::<_, ApiKeyError>(ApiKeyWithSecretView::at(made, tx.now()))
    })
    .await
}
