//! What the endpoints of the verification desk share.

use super::problems;
use crate::{
    answer,
    app::App,
    extract::Administrator,
    problem::{Problem, edge},
    tenants::{verification_view::VerificationView, view::TenantSummary},
};
use actix_web::{HttpResponse, http::StatusCode};
use kernel::ids::VerificationId;
use platform::{FiledVerification, VerificationRefusal};
use serde::Serialize;
use tenants::{DecideVerification, Decision};
use utoipa::ToSchema;

/// A request to have a business verified, with the firm that makes it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FiledVerificationView {
    /// The firm.
    pub tenant: TenantSummary,
    /// The request.
    #[serde(flatten)]
    pub verification: VerificationView,
}

impl From<FiledVerification> for FiledVerificationView {
    fn from((request, firm): FiledVerification) -> Self {
        Self { tenant: (&firm).into(), verification: request.into() }
    }
}

impl From<VerificationRefusal> for Problem {
    fn from(refusal: VerificationRefusal) -> Self {
        match refusal {
            VerificationRefusal::NotFound => edge::NOT_FOUND.into(),
            VerificationRefusal::Settled => problems::VERIFICATION_SETTLED.into(),
            VerificationRefusal::LicenceChanged => problems::LICENCE_CHANGED.into(),
        }
    }
}

/// Decides a request and shows it.
pub(super) async fn decide(
    app: &App,
    caller: &Administrator,
    id: VerificationId,
    decision: Decision,
) -> Result<HttpResponse, Problem> {
    let command = DecideVerification { id, decision, by: caller.principal().administrator.id };
    let decided = app
        .db
        .platform("platform.decide_verification", caller.actor(), move |tx| platform::decide_verification(tx, &command))
        .await??;
    Ok(answer::json(StatusCode::OK, &FiledVerificationView::from(decided)))
}
