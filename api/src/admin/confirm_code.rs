//! `POST /admin/v1/mfa`

use super::problems;
use crate::{answer, app::App, auth::Origin, extract::ValidJson, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::secrets::Secret;
use platform::{AdminToken, ConfirmCodeError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The code of an authenticator.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct MfaRequest {
    /// From `POST /admin/v1/log-in`.
    #[garde(skip)]
    #[schema(value_type = String)]
    mfa_token: Secret,
    /// Six digits.
    #[garde(skip)]
    #[schema(value_type = String, pattern = "^[0-9]{6}$")]
    code: Secret,
}

/// An administrator's token.
#[derive(Debug, Serialize, ToSchema)]
struct AdminTokenView {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// Seconds it lives.
    expires_in: i64,
}

impl From<AdminToken> for AdminTokenView {
    fn from(token: AdminToken) -> Self {
        Self { access_token: token.access_token.expose().clone(), expires_in: token.expires_in }
    }
}

impl From<ConfirmCodeError> for Problem {
    fn from(error: ConfirmCodeError) -> Self {
        match error {
            ConfirmCodeError::WrongCode => problems::WRONG_CODE.into(),
            ConfirmCodeError::Throttled(error) => error.into(),
            ConfirmCodeError::Db(error) => error.into(),
        }
    }
}

/// Second step of an administrator's log-in: the code. The first right one confirms the second factor.
#[utoipa::path(operation_id = "admin_mfa", tag = "admin", request_body = MfaRequest,
    responses((status = 200, body = AdminTokenView)))]
#[post("/admin/v1/mfa")]
pub(super) async fn admin_mfa(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<MfaRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let proof = (body.mfa_token.expose().as_str(), body.code.expose().as_str());
    let token = platform::confirm_code(&app.db, &app.authority, proof, Origin::of(&request).meta).await?;
    Ok(answer::json(StatusCode::OK, &AdminTokenView::from(token)))
}
