use crate::{Invoice, InvoiceLine};
use db::{
    DbError, TenantTx,
    schema::{invoice_lines, invoices},
};
use diesel::prelude::*;
use kernel::{
    ids::InvoiceId,
    pages::{Page, PageRequest},
};

/// The firm's invoices, newest first.
pub fn list_invoices(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<InvoiceId>,
) -> Result<Page<Invoice, InvoiceId>, DbError> {
    let mut query = invoices::table
        .filter(invoices::tenant_id.eq(tx.tenant()))
        .order(invoices::id.desc())
        .limit(page.fetch())
        .select(Invoice::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(invoices::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row| row.id))
}

/// Why an invoice was not found.
#[derive(Debug, thiserror::Error)]
pub enum FindInvoiceError {
    /// The firm has no such invoice.
    #[error("no such invoice")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// One invoice with its lines.
pub fn find_invoice(tx: &mut TenantTx<'_>, id: InvoiceId) -> Result<(Invoice, Vec<InvoiceLine>), FindInvoiceError> {
    let invoice = invoice(tx, id)?.ok_or(FindInvoiceError::NotFound)?;
    Ok((invoice, lines(tx, id)?))
}

fn invoice(tx: &mut TenantTx<'_>, id: InvoiceId) -> Result<Option<Invoice>, DbError> {
    Ok(invoices::table
        .filter(invoices::tenant_id.eq(tx.tenant()))
        .filter(invoices::id.eq(id))
        .select(Invoice::as_select())
        .first(tx.conn())
        .optional()?)
}

fn lines(tx: &mut TenantTx<'_>, id: InvoiceId) -> Result<Vec<InvoiceLine>, DbError> {
    Ok(invoice_lines::table
        .filter(invoice_lines::tenant_id.eq(tx.tenant()))
        .filter(invoice_lines::invoice_id.eq(id))
        .order(invoice_lines::position)
        .select(InvoiceLine::as_select())
        .load(tx.conn())?)
}
