//! `POST /v1/auth/mfa`

use super::{Carrier, Origin, problems, view::TokensView};
use crate::{admin::problems::WRONG_CODE, app::App, extract::ValidJson, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::{ConfirmLogIn, ConfirmLogInError};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// The second step of a log-in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmLogInRequest {
    /// From `POST /v1/auth/log-in`.
    #[garde(skip)]
    #[schema(value_type = String)]
    mfa_token: Secret,
    /// Six digits of the authenticator, or a recovery code.
    #[garde(skip)]
    #[schema(value_type = String)]
    code: Secret,
}

impl From<ConfirmLogInError> for Problem {
    fn from(error: ConfirmLogInError) -> Self {
        match error {
            ConfirmLogInError::WrongCode => WRONG_CODE.into(),
            ConfirmLogInError::NoFirm => problems::NO_FIRM.into(),
            ConfirmLogInError::Throttled(error) => error.into(),
            ConfirmLogInError::Sign(error) => error.into(),
            ConfirmLogInError::Db(error) => error.into(),
        }
    }
}

/// Second step of a log-in: a code of the authenticator, or a recovery code. Each serves once.
#[utoipa::path(operation_id = "confirm_log_in", tag = "auth", request_body = ConfirmLogInRequest,
    params(("X-Session" = Option<String>, Header, description = "`cookie` keeps the refresh token in a cookie")),
    responses((status = 200, body = TokensView)))]
#[post("/v1/auth/mfa")]
pub(super) async fn confirm_log_in(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<ConfirmLogInRequest>,
) -> Result<HttpResponse, Problem> {
    let (carrier, origin, body) = (Carrier::of(&request, &app)?, Origin::of(&request), body.into_inner());
    let command = ConfirmLogIn { mfa_token: body.mfa_token, code: body.code, user_agent: origin.user_agent };
    let signed_in = auth::confirm_log_in(&app.db, &app.authority, &command, origin.meta).await?;
    Ok(TokensView::answer(&signed_in.tokens, carrier, StatusCode::OK))
}
