//! `GET /v1/verification`

use super::verification_view::VerificationView;
use crate::{
    app::App,
    extract::Allowed,
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::permission::TenantsRead;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum GetVerificationError {
    #[error("no verification was asked for")]
    NotFound,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<GetVerificationError> for Problem {
    fn from(error: GetVerificationError) -> Self {
        match error {
            GetVerificationError::NotFound => edge::NOT_FOUND.into(),
            GetVerificationError::Db(error) => error.into(),
        }
    }
}

/// Shows the firm's newest verification request.
#[utoipa::path(operation_id = "get_verification", tag = "tenants", security(("bearer" = ["tenants:read"])),
    responses((status = 200, body = VerificationView)))]
#[get("/v1/verification")]
pub(super) async fn get_verification(app: Data<App>, caller: Allowed<TenantsRead>) -> Result<HttpResponse, Problem> {
    app.read("tenants.latest_verification", &caller, |tx| {
        tenants::latest_verification(tx)?.map(VerificationView::from).ok_or(GetVerificationError::NotFound)
    })
    .await
}
