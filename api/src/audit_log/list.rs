//! `GET /v1/audit-log`

use super::{filters::AuditFilters, view::AuditRowView};
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{pages::PageRequest, permission::AuditRead};

/// Lists who did or tried what in the firm, newest first.
///
/// Reading is audited too: a row for each reader and hour.
#[utoipa::path(operation_id = "list_audit_log", tag = "tenants", security(("bearer" = ["audit:read"])),
    params(PageParams, AuditFilters), responses((status = 200, body = List<AuditRowView>)))]
#[get("/v1/audit-log")]
pub(super) async fn list_audit_log(
    app: Data<App>,
    caller: Allowed<AuditRead>,
    page: PageQuery,
    filters: Filters<AuditFilters>,
) -> Result<HttpResponse, Problem> {
    let wanted = filters.0.wanted()?;
    app.list("audit.list", &caller, &page, move |tx, page: &PageRequest<i64>| {
        audit::note_reading(tx)?;
        Ok::<_, DbError>(audit::list(tx, &wanted, page)?.map(AuditRowView::from))
    })
    .await
}
