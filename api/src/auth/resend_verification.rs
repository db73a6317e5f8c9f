//! `POST /v1/auth/resend-verification`

use super::{Origin, rules::is_email, sign_up::invalid_email};
use crate::{
    app::App,
    extract::{SignedIn, ValidJson, is_bodiless},
    problem::Problem,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, post, web::Data};
use auth::{ResendError, find_person};
use garde::Validate;
use serde::Deserialize;
use tenants::EmailAddress;
use utoipa::ToSchema;

/// Whose mail is missing.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResendRequest {
    /// The address; a signed-in person may leave the whole body out.
    #[garde(custom(is_email))]
    #[schema(format = "email")]
    email: String,
}

impl From<ResendError> for Problem {
    fn from(error: ResendError) -> Self {
        match error {
            ResendError::Throttled(error) => error.into(),
            ResendError::Db(error) => error.into(),
        }
    }
}

/// Sends the verification mail again.
///
/// The answer is the same whether the address has an account or not. Earlier links stop working.
#[utoipa::path(operation_id = "resend_verification", tag = "auth", request_body = ResendRequest,
    responses((status = 202)))]
#[post("/v1/auth/resend-verification")]
pub(super) async fn resend_verification(
    app: Data<App>,
    request: HttpRequest,
    body: Result<ValidJson<ResendRequest>, Problem>,
) -> Result<HttpResponse, Problem> {
    let email = match body {
        Ok(body) => body.into_inner().email.parse().map_err(|_| invalid_email())?,
        Err(_) if is_bodiless(&request) => own_address(&app, &request).await?,
        Err(problem) => return Err(problem),
    };
    auth::resend_verification(&app.db, &app.authority, email, Origin::of(&request).meta).await?;
    Ok(HttpResponse::Accepted().finish())
}

async fn own_address(app: &App, request: &HttpRequest) -> Result<EmailAddress, Problem> {
    let caller = SignedIn::extract(request).await?;
    let user = caller.principal().who.user_id;
    let person = app.db.auth("auth.own_address", caller.principal().actor(), move |tx| find_person(tx, user)).await?;
    person.and_then(|person| person.email.parse().ok()).ok_or_else(invalid_email)
}
