//! `GET /v1/invoices/{id}`

use super::view::InvoiceWithLinesView;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use billing::FindInvoiceError;
use kernel::{ids::InvoiceId, permission::BillingRead};

impl From<FindInvoiceError> for Problem {
    fn from(error: FindInvoiceError) -> Self {
        match error {
            FindInvoiceError::NotFound => edge::NOT_FOUND.into(),
            FindInvoiceError::Db(error) => error.into(),
        }
    }
}

/// Shows an invoice with its lines.
#[utoipa::path(operation_id = "get_invoice", tag = "billing", security(("bearer" = ["billing:read"])),
    params(("id" = InvoiceId, Path)), responses((status = 200, body = InvoiceWithLinesView)))]
#[get("/v1/invoices/{id}")]
pub(super) async fn get_invoice(
    app: Data<App>,
    caller: Allowed<BillingRead>,
    id: PathId<InvoiceId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.read("billing.find_invoice", &caller, move |tx| billing::find_invoice(tx, id).map(InvoiceWithLinesView::from))
        .await
}
