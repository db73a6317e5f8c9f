//! `POST /admin/v1/signing-keys/rotate`

use crate::{
    answer,
    app::App,
    extract::{Administrator, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use auth::KeyringError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to rotate.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RotateSigningKeyRequest {
    /// Whether tokens of the old key stop working at once, as after a theft. Otherwise they count until they end.
    #[garde(skip)]
    at_once: bool,
}

/// The key that signs from now on.
#[derive(Debug, Serialize, ToSchema)]
struct SigningKeyView {
    /// Its id, as in `/.well-known/jwks.json`.
    kid: String,
}

impl From<KeyringError> for Problem {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Db(error) => error.into(),
            KeyringError::Secret(_) | KeyringError::Malformed(_) | KeyringError::NoneActive => Self::internal(&error),
        }
    }
}

/// Puts a new key in the place of the one that signs tokens.
///
/// Every process uses it within half a minute. The old one verifies until the last of its tokens has ended.
#[utoipa::path(operation_id = "admin_rotate_signing_key", tag = "admin", security(("bearer" = [])),
    request_body = RotateSigningKeyRequest, responses((status = 200, body = SigningKeyView)))]
#[post("/admin/v1/signing-keys/rotate")]
pub(super) async fn admin_rotate_signing_key(
    app: Data<App>,
    caller: Administrator,
    body: ValidJson<RotateSigningKeyRequest>,
) -> Result<HttpResponse, Problem> {
    let at_once = body.into_inner().at_once;
    let kid = platform::rotate_signing_key(&app.db, &app.authority, caller.actor(), at_once).await?;
    Ok(answer::json(StatusCode::OK, &SigningKeyView { kid }))
}
