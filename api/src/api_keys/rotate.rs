//! `POST /v1/api-keys/{id}/rotate`

use super::{body::key_maker, view::ApiKeyWithSecretView};
use crate::{
    app::App,
    extract::{Once, PathId, ValidJson, VerifiedAndSteppedUpFor, is_bodiless},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::{ApiKeyError, RotateApiKey};
use chrono::Duration;
use garde::Validate;
use kernel::{ids::ApiKeyId, permission::ApiKeysWrite};
use serde::Deserialize;
use utoipa::ToSchema;

/// How long an old secret works beside the new one, if nothing is said: a day.
const DEFAULT_OVERLAP: u32 = 24 * 60 * 60;

/// How a key gets a new secret.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RotateApiKeyRequest {
    /// How many seconds the secrets it has work on, at most seven days; 0 ends them at once.
    #[garde(range(max = 604_800))]
    #[schema(minimum = 0, maximum = 604_800, default = 86_400)]
    overlap_seconds: Option<u32>,
}

/// Gives a key a new secret, which is shown this once and works at once.
///
/// The secrets it has work on for `overlap_seconds`, so that a program can change over without an interruption. Needs a verified
/// e-mail address, a password or code shown within the last five minutes, and every permission that the key has.
#[utoipa::path(operation_id = "rotate_api_key", tag = "api_keys", security(("person" = ["api_keys:write"])),
    params(("id" = ApiKeyId, Path)), request_body = RotateApiKeyRequest,
    responses((status = 200, body = ApiKeyWithSecretView)))]
#[post("/v1/api-keys/{id}/rotate")]
pub(super) async fn rotate_api_key(
    app: Data<App>,
    caller: VerifiedAndSteppedUpFor<ApiKeysWrite>,
    once: Once,
    (id, request): (PathId<ApiKeyId>, HttpRequest),
    body: Result<ValidJson<RotateApiKeyRequest>, Problem>,
) -> Result<HttpResponse, Problem> {
    let body = match body {
        Ok(body) => body.into_inner(),
        Err(_) if is_bodiless(&request) => RotateApiKeyRequest::default(),
        Err(problem) => return Err(problem),
    };
    let overlap = Duration::seconds(body.overlap_seconds.unwrap_or(DEFAULT_OVERLAP).into());
    let command = RotateApiKey { id: id.get(), overlap, by: key_maker(caller.principal(), app.db.clock().now()) };
    app.write_secret("auth.rotate_api_key", &caller, (&once, StatusCode::OK), move |tx| {
        let rotated = auth::rotate_api_key(tx, &command)?;
        Ok::<_, ApiKeyError>(ApiKeyWithSecretView::at(rotated, tx.now()))
    })
    .await
}
