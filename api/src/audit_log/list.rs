//! `GET /v1/audit-log`

use super::view::AuditRowView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use audit::Wanted;
use db::DbError;
use kernel::{pages::PageRequest, permission::AuditRead};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditFilters {
    /// Only this action.
    #[param(example = "product.published")]
    action: Option<String>,
    /// Only what was done to this object.
    object: Option<String>,
    /// Only what this actor did.
    actor_id: Option<String>,
}

/// Lists who did what in the firm, newest first.
#[utoipa::path(operation_id = "list_audit_log", tag = "tenants", security(("bearer" = ["audit:read"])),
    params(PageParams, AuditFilters), responses((status = 200, body = List<AuditRowView>)))]
#[get("/v1/audit-log")]
pub(super) async fn list_audit_log(
    app: Data<App>,
    caller: Allowed<AuditRead>,
    page: PageQuery,
    filters: Filters<AuditFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(AuditFilters { action, object, actor_id }) = filters;
    let wanted = Wanted { action, object, actor_id };
    app.list("audit.list", &caller, &page, move |tx, page: &PageRequest<i64>| {
        Ok::<_, DbError>(audit::list(tx, &wanted, page)?.map(AuditRowView::from))
    })
    .await
}
