//! `POST /v1/me/totp`

use crate::{answer, app::App, auth::problems, extract::SteppedUp, problem::Problem};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use auth::TotpError;
use serde::Serialize;
use utoipa::ToSchema;

/// A second factor to be set up in an authenticator.
#[derive(Debug, Serialize, ToSchema)]
struct NewTotpView {
    /// The secret in base 32.
    secret: String,
    /// The same as an address, for a picture.
    otpauth_url: String,
}

impl From<TotpError> for Problem {
    fn from(error: TotpError) -> Self {
        match error {
            TotpError::IsOn => problems::TOTP_ENABLED.into(),
            TotpError::IsOff => problems::TOTP_NOT_ENABLED.into(),
            TotpError::WrongCode => problems::CODE_REFUSED.into(),
            TotpError::Throttled(error) => error.into(),
            TotpError::Db(error) => error.into(),
        }
    }
}

/// Begins to set up a second factor. It counts once its first code was sent to `POST /v1/me/totp/confirm`.
#[utoipa::path(operation_id = "begin_totp", tag = "me", security(("person" = [])),
    responses((status = 200, body = NewTotpView)))]
#[post("/v1/me/totp")]
pub(super) async fn begin_totp(app: Data<App>, caller: SteppedUp) -> Result<HttpResponse, Problem> {
    let new = auth::begin_totp(&app.db, &app.authority, caller.principal()).await?;
    let view = NewTotpView { secret: new.secret.expose().clone(), otpauth_url: new.otpauth_url.expose().clone() };
    Ok(answer::json(StatusCode::OK, &view))
}
