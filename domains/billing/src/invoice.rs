use chrono::{DateTime, Utc};
use db::schema::{invoice_lines, invoices};
use diesel::prelude::*;
use kernel::{
    Currency,
    ids::{InvoiceId, InvoiceLineId, PlanId},
    text_enum,
};

text_enum! {
    /// Whether an invoice is paid.
    pub enum InvoiceStatus {
        /// Something is still to be paid.
        Open = "open",
        /// Nothing is.
        Paid = "paid",
    }
}

/// The invoice for one period.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoices)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Its number, without gaps in the tenant.
    pub number: String,
    /// The plan of the period.
    pub plan_id: PlanId,
    /// Whether it is paid.
    pub status: InvoiceStatus,
    /// First instant of the period.
    pub period_start: DateTime<Utc>,
    /// First instant after it.
    pub period_end: DateTime<Utc>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Sum of the lines, in minor units.
    pub total_minor: i64,
    /// When it was made.
    pub finalized_at: DateTime<Utc>,
    /// When it was paid, if it is.
    pub paid_at: Option<DateTime<Utc>>,
}

/// One line: what was used, what was free of it, what the rest costs.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoice_lines)]
pub struct InvoiceLine {
    /// Its id.
    pub id: InvoiceLineId,
    /// Its invoice.
    pub invoice_id: InvoiceId,
    /// Its place, from 0.
    pub position: i16,
    /// `plan`, or the name of a meter.
    pub kind: String,
    /// How much was used.
    pub quantity: i64,
    /// How much of it the plan includes.
    pub included: i64,
    /// How much `unit_price_minor` buys.
    pub unit: i64,
    /// Price of a unit, in minor units.
    pub unit_price_minor: i64,
    /// Price of the line, in minor units.
    pub amount_minor: i64,
}
