//! `POST /admin/v1/verifications/{id}/approve`

use super::verification::{FiledVerificationView, decide};
use crate::{
    app::App,
    extract::{Administrator, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, post, web::Data};
use kernel::ids::VerificationId;
use tenants::Decision;

/// Verifies a business, and tells the firm.
#[utoipa::path(operation_id = "admin_approve_verification", tag = "admin", security(("bearer" = [])),
    params(("id" = VerificationId, Path)), responses((status = 200, body = FiledVerificationView)))]
#[post("/admin/v1/verifications/{id}/approve")]
pub(super) async fn admin_approve_verification(
    app: Data<App>,
    caller: Administrator,
    id: PathId<VerificationId>,
) -> Result<HttpResponse, Problem> {
    decide(&app, &caller, id.get(), Decision::Approve).await
}
