//! `GET /admin/v1/tenants`

use crate::{
    answer::List,
    app::App,
    extract::{Administrator, Filters, PageParams, PageQuery},
    problem::Problem,
    tenants::view::TenantView,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::{ids::TenantId, pages::PageRequest};
use platform::TenantFilter;
use serde::Deserialize;
use tenants::TenantStatus;
use utoipa::IntoParams;

/// Which firms.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TenantFilters {
    /// Part of the name or slug.
    q: Option<String>,
    /// Of this status only.
    status: Option<TenantStatus>,
}

/// Lists firms, newest first.
#[utoipa::path(operation_id = "admin_list_tenants", tag = "admin", security(("bearer" = [])),
    params(PageParams, TenantFilters), responses((status = 200, body = List<TenantView>)))]
#[get("/admin/v1/tenants")]
pub(super) async fn admin_list_tenants(
    app: Data<App>,
    caller: Administrator,
    page: PageQuery,
    filters: Filters<TenantFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(TenantFilters { q, status }) = filters;
    let filter = TenantFilter { q, status };
    let request: PageRequest<TenantId> = page.request(&app.cursors, "platform")?;
    let rows = app
        .db
        .platform("platform.list_tenants", caller.actor(), move |tx| platform::list_tenants(tx, &filter, &request))
        .await?;
    Ok(app.page(&page, "platform", rows.map(TenantView::from)))
}
