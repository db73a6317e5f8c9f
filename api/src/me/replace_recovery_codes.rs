//! `POST /v1/me/recovery-codes`

use crate::{answer, app::App, extract::SteppedUp, problem::Problem};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::secrets::Secret;
use serde::Serialize;
use utoipa::ToSchema;

/// Recovery codes, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecoveryCodesView {
    /// Each takes the place of one code of the authenticator.
    recovery_codes: Vec<String>,
}

impl From<Vec<Secret>> for RecoveryCodesView {
    fn from(codes: Vec<Secret>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose().clone()).collect() }
    }
}

/// Gives fresh recovery codes; earlier ones are dead.
#[utoipa::path(operation_id = "replace_recovery_codes", tag = "me", security(("person" = [])),
    responses((status = 200, body = RecoveryCodesView)))]
#[post("/v1/me/recovery-codes")]
pub(super) async fn replace_recovery_codes(app: Data<App>, caller: SteppedUp) -> Result<HttpResponse, Problem> {
    let codes = auth::replace_recovery_codes(&app.db, &app.authority, caller.principal()).await?;
    Ok(answer::json(StatusCode::OK, &RecoveryCodesView::from(codes)))
}
