//! `POST /v1/auth/log-in`

use super::{Carrier, Origin, problems, view::TokensView};
use crate::{app::App, extract::ValidJson, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::{LogIn, LogInAnswer, LogInError, Password};
use garde::Validate;
use kernel::secrets::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who wants to sign in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogInRequest {
    /// The person's address.
    #[garde(length(chars, min = 1, max = 254))]
    email: String,
    /// Their password.
    #[garde(skip)]
    #[schema(value_type = String)]
    password: Secret,
}

/// The password was right; a code is still to come.
#[derive(Debug, Serialize, ToSchema)]
struct HalfwayView {
    /// Always true.
    mfa_required: bool,
    /// Goes to `POST /v1/auth/mfa` with the code, within five minutes.
    mfa_token: String,
}

/// What the right password leads to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum LogInView {
    /// Signed in.
    SignedIn(TokensView),
    /// The person has a second factor.
    Halfway(HalfwayView),
}

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::WrongCredentials => problems::WRONG_CREDENTIALS.into(),
            LogInError::NoFirm => problems::NO_FIRM.into(),
            LogInError::Throttled(error) => error.into(),
            LogInError::Hash(error) => error.into(),
            LogInError::Sign(error) => error.into(),
            LogInError::Db(error) => error.into(),
        }
    }
}

/// Signs a person in, to the firm they worked in last; with a second factor, a code is asked for first.
///
/// Failures slow down further attempts from the same address, not those of others.
#[utoipa::path(operation_id = "log_in", tag = "auth", request_body = LogInRequest,
    params(("X-Session" = Option<String>, Header, description = "`cookie` keeps the refresh token in a cookie")),
    responses((status = 200, body = LogInView)))]
#[post("/v1/auth/log-in")]
pub(super) async fn log_in(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<LogInRequest>,
) -> Result<HttpResponse, Problem> {
    let (carrier, origin, body) = (Carrier::of(&request, &app)?, Origin::of(&request), body.into_inner());
    let command = LogIn {
        email: body.email.parse().ok(),
        password: Password::entered(body.password.expose()),
        user_agent: origin.user_agent,
    };
    let (view, token) = match auth::log_in(&app.db, &app.authority, &command, origin.meta).await? {
        LogInAnswer::SignedIn(signed_in) => {
            (LogInView::SignedIn(TokensView::new(&signed_in.tokens, carrier)), Some(signed_in.tokens.refresh_token))
        }
        LogInAnswer::CodeNeeded { mfa_token } => {
            (LogInView::Halfway(HalfwayView { mfa_required: true, mfa_token: mfa_token.expose().clone() }), None)
        }
    };
    Ok(carrier.answer(StatusCode::OK, &view, token.as_ref()))
}
