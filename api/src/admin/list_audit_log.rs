//! `GET /admin/v1/audit-log`

use crate::{
    answer::List,
    app::App,
    audit_log::{filters::check_q, view::AuditRowView},
    extract::{Administrator, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use audit::Wanted;
use chrono::{DateTime, Utc};
use kernel::{
    ids::{RequestId, TenantId},
    pages::PageRequest,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AdminAuditFilters {
    /// Of this firm; the platform's own rows if missing.
    tenant_id: Option<TenantId>,
    /// Only what this actor did or tried.
    actor: Option<String>,
    /// Only this action.
    #[param(example = "administrator.logged_in")]
    action: Option<String>,
    /// Only what was done to this object.
    object: Option<String>,
    /// Only what came with this request.
    request_id: Option<RequestId>,
    /// Only from this instant on.
    from: Option<DateTime<Utc>>,
    /// Only before this instant.
    to: Option<DateTime<Utc>>,
    /// Only with this in action, object or actor.
    #[param(max_length = 100)]
    q: Option<String>,
}

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
    let Filters(AdminAuditFilters { tenant_id, actor, action, object, request_id, from, to, q }) = filters;
    check_q(q.as_deref())?;
    let wanted = Wanted { action, object, actor, request: request_id, from, to, q };
    let request: PageRequest<i64> = page.request(&app.cursors, "platform")?;
    let rows = app
        .db
        .platform("platform.list_audit_log", caller.actor(), move |tx| {
            platform::list_audit_log(tx, tenant_id, &wanted, &request)
        })
        .await?;
    Ok(app.page(&page, "platform", rows.map(AuditRowView::from)))
}
