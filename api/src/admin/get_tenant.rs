//! `GET /admin/v1/tenants/{id}`

use crate::{
    answer,
    app::App,
    extract::{Administrator, PathId},
    problem::{Problem, edge},
    tenants::view::TenantView,
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use kernel::ids::TenantId;

/// Shows one firm.
#[utoipa::path(operation_id = "admin_get_tenant", tag = "admin", security(("bearer" = [])),
    params(("id" = TenantId, Path)), responses((status = 200, body = TenantView)))]
#[get("/admin/v1/tenants/{id}")]
pub(super) async fn admin_get_tenant(
    app: Data<App>,
    caller: Administrator,
    id: PathId<TenantId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    let tenant = app
        .db
        .platform("platform.find_tenant", caller.actor(), move |tx| platform::find_tenant(tx, id))
        .await?
        .ok_or_else(|| Problem::new(edge::NOT_FOUND))?;
    Ok(answer::versioned(StatusCode::OK, &TenantView::from(tenant)))
}
