//! `POST /v1/auth/log-in`

use super::{Origin, problems, view::TokensView};
use crate::{answer, app::App, extract::ValidJson, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::{LogIn, LogInError, Password};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
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

/// Signs a person in, to the firm they worked in last.
///
/// Failures slow down further attempts from the same address, not those of others.
#[utoipa::path(operation_id = "log_in", tag = "auth", request_body = LogInRequest,
    responses((status = 200, body = TokensView)))]
#[post("/v1/auth/log-in")]
pub(super) async fn log_in(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<LogInRequest>,
) -> Result<HttpResponse, Problem> {
    let (origin, body) = (Origin::of(&request), body.into_inner());
    let command = LogIn {
        email: body.email.parse().ok(),
        password: Password::entered(body.password.expose()),
        user_agent: origin.user_agent,
    };
    let signed_in = auth::log_in(&app.db, &app.authority, &command, origin.meta).await?;
    Ok(answer::json(StatusCode::OK, &TokensView::from(signed_in.tokens)))
}
