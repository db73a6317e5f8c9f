//! `POST /admin/v1/verifications/{id}/reject`

use super::verification::{FiledVerificationView, decide};
use crate::{
    app::App,
    extract::{Administrator, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, post, web::Data};
use garde::Validate;
use kernel::ids::VerificationId;
use serde::Deserialize;
use tenants::Decision;
use utoipa::ToSchema;

/// Why not.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RejectVerificationRequest {
    /// What the firm is told, 1 to 500 characters.
    #[garde(custom(is_reason))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// The signature is garde's.
fn is_reason(text: &str, (): &()) -> garde::Result {
    let sound = text.chars().count() <= 500 && !text.trim().is_empty() && !text.contains('\0');
    if sound { Ok(()) } else { Err(garde::Error::new("must be 1 to 500 characters, not only spaces")) }
}

/// Rejects a request, and tells the firm why.
#[utoipa::path(operation_id = "admin_reject_verification", tag = "admin", security(("bearer" = [])),
    params(("id" = VerificationId, Path)), request_body = RejectVerificationRequest,
    responses((status = 200, body = FiledVerificationView)))]
#[post("/admin/v1/verifications/{id}/reject")]
pub(super) async fn admin_reject_verification(
    app: Data<App>,
    caller: Administrator,
    id: PathId<VerificationId>,
    body: ValidJson<RejectVerificationRequest>,
) -> Result<HttpResponse, Problem> {
    let reason = body.into_inner().reason.trim().to_owned();
    decide(&app, &caller, id.get(), Decision::Reject { reason }).await
}
