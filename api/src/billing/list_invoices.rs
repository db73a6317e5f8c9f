//! `GET /v1/invoices`

use super::view::InvoiceView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{ids::InvoiceId, pages::PageRequest, permission::BillingRead};

/// Lists the firm's invoices, newest first.
#[utoipa::path(operation_id = "list_invoices", tag = "billing", security(("bearer" = ["billing:read"])),
    params(PageParams), responses((status = 200, body = List<InvoiceView>)))]
#[get("/v1/invoices")]
pub(super) async fn list_invoices(
    app: Data<App>,
    caller: Allowed<BillingRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("billing.list_invoices", &caller, &page, |tx, page: &PageRequest<InvoiceId>| {
        Ok::<_, DbError>(billing::list_invoices(tx, page)?.map(InvoiceView::from))
    })
    .await
}
