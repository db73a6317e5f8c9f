//! `GET /v1/entitlements`

use super::view::{EntitlementView, Everything};
use crate::{app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::permission::TenantsRead;

/// Lists what the firm may have only so much of, and how much of it is used.
#[utoipa::path(operation_id = "list_entitlements", tag = "billing", security(("bearer" = ["tenants:read"])),
    responses((status = 200, body = Everything<EntitlementView>)))]
#[get("/v1/entitlements")]
pub(super) async fn list_entitlements(app: Data<App>, caller: Allowed<TenantsRead>) -> Result<HttpResponse, Problem> {
    app.read("billing.entitlements", &caller, |tx| {
        let data = billing::entitlements(tx)?.into_iter().map(EntitlementView::from).collect();
        Ok::<_, DbError>(Everything { data })
    })
    .await
}
