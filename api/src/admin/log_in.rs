//! `POST /admin/v1/log-in`

use crate::{
    answer,
    app::App,
    auth::{Origin, problems::WRONG_CREDENTIALS},
    extract::ValidJson,
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::Password;
use garde::Validate;
use kernel::secrets::Secret;
use platform::{AdminLogIn, AdminLogInError, Challenge};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Address and password of an administrator.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdminLogInRequest {
    /// The address.
    #[garde(length(chars, min = 1, max = 254))]
    email: String,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String)]
    password: Secret,
}

/// A second factor to be set up.
#[derive(Debug, Serialize, ToSchema)]
struct EnrolmentView {
    /// The secret in base 32.
    secret: String,
    /// The same as an address, for a picture.
    otpauth_url: String,
}

/// The code is still to come.
#[derive(Debug, Serialize, ToSchema)]
struct ChallengeView {
    /// Always true.
    mfa_required: bool,
    /// Goes to `POST /admin/v1/mfa` with the code, within five minutes.
    mfa_token: String,
    /// At the first log-in: the second factor to be set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolment: Option<EnrolmentView>,
}

impl From<Challenge> for ChallengeView {
    fn from(challenge: Challenge) -> Self {
        let enrolment = challenge.enrolment.map(|enrolment| EnrolmentView {
            secret: enrolment.secret.expose().clone(),
            otpauth_url: enrolment.otpauth_url.expose().clone(),
        });
        Self { mfa_required: true, mfa_token: challenge.mfa_token.expose().clone(), enrolment }
    }
}

impl From<AdminLogInError> for Problem {
    fn from(error: AdminLogInError) -> Self {
        match error {
            AdminLogInError::WrongCredentials => WRONG_CREDENTIALS.into(),
            AdminLogInError::Throttled(error) => error.into(),
            AdminLogInError::Hash(error) => error.into(),
            AdminLogInError::Sign(error) => error.into(),
            AdminLogInError::Db(error) => error.into(),
        }
    }
}

/// First step of an administrator's log-in: address and password.
///
/// The first log-in also gives the second factor to be set up; nothing can be done before its first code.
#[utoipa::path(operation_id = "admin_log_in", tag = "admin", request_body = AdminLogInRequest,
    responses((status = 200, body = ChallengeView)))]
#[post("/admin/v1/log-in")]
pub(super) async fn admin_log_in(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<AdminLogInRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = AdminLogIn { email: body.email.parse().ok(), password: Password::entered(body.password.expose()) };
    let challenge = platform::log_in(&app.db, &app.authority, &command, Origin::of(&request).meta).await?;
    Ok(answer::json(StatusCode::OK, &ChallengeView::from(challenge)))
}
