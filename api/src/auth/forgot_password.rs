//! `POST /v1/auth/forgot-password`

use super::{Origin, rules::is_email, sign_up::invalid_email};
use crate::{app::App, extract::ValidJson, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use auth::ForgotPasswordError;
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

/// Whose password is forgotten.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ForgotPasswordRequest {
    /// The person's address.
    #[garde(custom(is_email))]
    #[schema(format = "email", max_length = 254)]
    email: String,
}

impl From<ForgotPasswordError> for Problem {
    fn from(error: ForgotPasswordError) -> Self {
        match error {
            ForgotPasswordError::Throttled(error) => error.into(),
            ForgotPasswordError::Db(error) => error.into(),
        }
    }
}

/// Sends a link that allows to choose another password.
///
/// The answer is the same whether the address has an account or not. Earlier links stop working.
#[utoipa::path(operation_id = "forgot_password", tag = "auth", request_body = ForgotPasswordRequest,
    responses((status = 202)))]
#[post("/v1/auth/forgot-password")]
pub(super) async fn forgot_password(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<ForgotPasswordRequest>,
) -> Result<HttpResponse, Problem> {
    let email = body.into_inner().email.parse().map_err(|_| invalid_email())?;
    auth::forgot_password(&app.db, &app.authority, email, Origin::of(&request).meta).await?;
    Ok(HttpResponse::Accepted().finish())
}
