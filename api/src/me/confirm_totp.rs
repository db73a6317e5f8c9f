//! `POST /v1/me/totp/confirm`

use super::replace_recovery_codes::RecoveryCodesView;
use crate::{
    answer,
    app::App,
    extract::{SignedIn, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// The first code of an authenticator.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmTotpRequest {
    /// Six digits.
    #[garde(skip)]
    #[schema(value_type = String, pattern = "^[0-9]{6}$")]
    code: Secret,
}

/// Turns the second factor on by its first code, and gives the recovery codes, which are not shown again.
///
/// Other sessions of the person, which showed no code, end.
#[utoipa::path(operation_id = "confirm_totp", tag = "me", security(("person" = [])), request_body = ConfirmTotpRequest,
    responses((status = 200, body = RecoveryCodesView)))]
#[post("/v1/me/totp/confirm")]
pub(super) async fn confirm_totp(
    app: Data<App>,
    caller: SignedIn,
    body: ValidJson<ConfirmTotpRequest>,
) -> Result<HttpResponse, Problem> {
    let code = body.into_inner().code;
    let codes = auth::confirm_totp(&app.db, &app.authority, caller.principal(), &code).await?;
    Ok(answer::json(StatusCode::OK, &RecoveryCodesView::from(codes)))
}
