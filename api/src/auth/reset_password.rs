//! `POST /v1/auth/reset-password`

use super::{Origin, problems};
use crate::{answer, app::App, extract::ValidJson, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use auth::ResetPasswordError;
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// What the link carried, and another password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPasswordRequest {
    /// The token of the link.
    #[garde(skip)]
    #[schema(value_type = String)]
    token: Secret,
    /// 8 to 128 characters, not easy to guess.
    #[garde(skip)]
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    password: Secret,
}

impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::Invalid => problems::LINK_INVALID.into(),
            ResetPasswordError::Choose(error) => error.into(),
            ResetPasswordError::Db(error) => error.into(),
        }
    }
}

/// Sets another password by the token that was mailed.
///
/// All sessions end. The link works once, for an hour; a second factor is asked for at the next log-in as ever.
#[utoipa::path(operation_id = "reset_password", tag = "auth", request_body = ResetPasswordRequest,
    responses((status = 204)))]
#[post("/v1/auth/reset-password")]
pub(super) async fn reset_password(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<ResetPasswordRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    auth::reset_password(&app.db, &app.authority, (&body.token, &body.password), Origin::of(&request).meta).await?;
    Ok(answer::nothing())
}
