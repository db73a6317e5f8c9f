//! `GET /v1/tenant`

use super::view::TenantView;
use crate::{app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use kernel::permission::TenantsRead;

/// Shows the firm's profile.
#[utoipa::path(operation_id = "get_tenant", tag = "tenants", security(("bearer" = ["tenants:read"])),
    responses((status = 200, body = TenantView)))]
#[get("/v1/tenant")]
pub(super) async fn get_tenant(app: Data<App>, caller: Allowed<TenantsRead>) -> Result<HttpResponse, Problem> {
    app.change("tenants.read", &caller, |tx| tenants::find(tx).map(TenantView::from)).await
}
