//! `POST /v1/me/email`

use crate::{
    app::App,
    auth::{invalid_email, problems, rules::is_email},
    extract::{SignedIn, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, post, web::Data};
use auth::{ChangeEmail, ChangeEmailError, Password};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// Another address, and the person's password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeEmailRequest {
    /// The new address; must not have an account.
    #[garde(custom(is_email))]
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// The person's password.
    #[garde(skip)]
    #[schema(value_type = String)]
    password: Secret,
}

impl From<ChangeEmailError> for Problem {
    fn from(error: ChangeEmailError) -> Self {
        match error {
            ChangeEmailError::Proof(error) => error.into(),
            ChangeEmailError::EmailTaken => problems::EMAIL_TAKEN.into(),
            ChangeEmailError::Throttled(error) => error.into(),
            ChangeEmailError::Db(error) => error.into(),
        }
    }
}

/// Sends a link to a new address of the signed-in person.
///
/// The address is theirs once the link was followed (`POST /v1/auth/verify-email`), in all their firms; the old one is told.
#[utoipa::path(operation_id = "change_email", tag = "me", security(("person" = [])), request_body = ChangeEmailRequest,
    responses((status = 202)))]
#[post("/v1/me/email")]
pub(super) async fn change_email(
    app: Data<App>,
    caller: SignedIn,
    body: ValidJson<ChangeEmailRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = ChangeEmail {
        email: body.email.parse().map_err(|_| invalid_email())?,
        password: Password::entered(body.password.expose()),
    };
    auth::change_email(&app.db, &app.authority, caller.principal(), &command).await?;
    Ok(HttpResponse::Accepted().finish())
}
