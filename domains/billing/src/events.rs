use kernel::{Currency, ids::InvoiceId};
use serde::Serialize;

/// An invoice was made for an ended period.
#[derive(Debug, Serialize)]
pub(crate) struct InvoiceFinalized {
    pub(crate) id: InvoiceId,
    pub(crate) number: String,
    pub(crate) total_minor: i64,
    pub(crate) currency: Currency,
}

impl jobs::Event for InvoiceFinalized {
    const TYPE: &'static str = "invoice.finalized";
}
