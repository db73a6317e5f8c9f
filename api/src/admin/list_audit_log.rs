//! `GET /admin/v1/audit-log`

use crate::{
    answer::List,
    app::App,
    audit_log::{filters::AdminAuditFilters, view::AuditRowView},
    extract::{Administrator, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::pages::PageRequest;

/// Lists what administrators did, or what happened in a firm, newest first.
#[utoipa::path(operation_id = "admin_list_audit_log", tag = "admin", security(("bearer" = [])),
    params(PageParams, AdminAuditFilters), responses((status = 200, body = List<AuditRowView>)))]
#[get("/admin/v1/audit-log")]
pub(super) async fn admin_list_audit_log(
    app: Data<App>,
    caller: Administrator,
    page: PageQuery,
    filters: Filters<AdminAuditFilters>,
) -> Result<HttpResponse, Problem> {
    let tenant = filters.0.tenant_id;
    let wanted = filters.0.wanted()?;
    let request: PageRequest<i64> = page.request(&app.cursors, "platform")?;
    let rows = app
        .db
        .platform("platform.list_audit_log", caller.actor(), move |tx| {
            platform::list_audit_log(tx, tenant, &wanted, &request)
        })
        .await?;
    Ok(app.page(&page, "platform", rows.map(AuditRowView::from)))
}
