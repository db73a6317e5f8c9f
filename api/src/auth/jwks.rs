//! `GET /.well-known/jwks.json`

use crate::{app::App, problem::Problem};
use actix_web::{HttpResponse, get, http::header::CACHE_CONTROL, web::Data};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
struct JwksView {
    /// Ed25519 public keys; `kid` is the thumbprint.
    #[schema(value_type = Vec<Object>)]
    keys: Value,
}

/// Shows the public keys that check access tokens.
#[utoipa::path(operation_id = "get_jwks", tag = "auth", responses((status = 200, body = JwksView)))]
#[get("/.well-known/jwks.json")]
pub(super) async fn get_jwks(app: Data<App>) -> Result<HttpResponse, Problem> {
    let view = JwksView { keys: app.authority.keyring.public_keys() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(view))
}
