//! Closes an ended period: its invoice, the news of it, and the next period, in one transaction.

use crate::{
    ClosePeriod, Invoice, InvoiceLine, InvoiceStatus, Plan, Subscription, events::InvoiceFinalized, period::zone, plan,
    pricing::charge, subscription,
};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{invoice_lines, invoices},
};
use diesel::prelude::*;
use jobs::{Emit, Enqueue};
use kernel::{
    Money,
    ids::{InvoiceId, InvoiceLineId},
    money::MoneyError,
    permission::Role,
};
use notifications::{Audience, Notice, Template};
use serde_json::json;
use tenants::TenantStatus;

/// Why a period could not be closed.
#[derive(Debug, thiserror::Error)]
pub enum ClosePeriodError {
    /// A sum does not fit.
    #[error("the invoice cannot be computed")]
    Money(#[from] MoneyError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Closes the current period if it has ended, and returns its invoice. A firm that has closed gets no further period. A second call finds the next period, which has not
/// ended, and does nothing. After a long standstill several periods are closed by one job each.
pub fn close_period(tx: &mut TenantTx<'_>) -> Result<Option<Invoice>, ClosePeriodError> {
    let Some(subscription) = subscription::lock_active(tx)?.filter(|s| s.period_end <= tx.now()) else {
        return Ok(None);
    };
    let plan = plan::find(tx.conn(), subscription.plan_id)?;
    let number = subscription.last_invoice + 1;
    let invoice_id: InvoiceId = tx.new_id();
    let lines = lines(tx, invoice_id, &subscription, &plan)?;
    let total = lines.iter().try_fold(Money::zero(plan.currency), |sum, line| sum.plus(line.price(&plan)))?;
    let paid = total.amount_minor == 0;
    let zone = zone(&subscription.time_zone);
    let invoice = Invoice {
        id: invoice_id,
        number: format!("{}-{number:04}", subscription.period().label(zone)),
        plan_id: plan.id,
        status: if paid { InvoiceStatus::Paid } else { InvoiceStatus::Open },
        period_start: subscription.period_start,
        period_end: subscription.period_end,
        currency: plan.currency,
        total_minor: total.amount_minor,
        finalized_at: tx.now(),
        paid_at: paid.then(|| tx.now()),
    };
    insert(tx, &invoice, &lines)?;
    go_on(tx, &subscription, number)?;
    tell(tx, &invoice, &subscription.period().label(zone))?;
    Ok(Some(invoice))
}

/// Begins the next period, unless the firm has closed.
fn go_on(tx: &mut TenantTx<'_>, subscription: &Subscription, number: i32) -> Result<(), DbError> {
    if tenants::find(tx)?.status == TenantStatus::Closed {
        subscription::finish(tx, number)?;
        return tx.audit("subscription.ended", subscription.id, json!({ "last_invoice": number }));
    }
    let next = subscription.period().following(zone(&subscription.time_zone));
    subscription::advance(tx, next, number)?;
    tx.enqueue_once(&ClosePeriod { period_end: next.end }, next.end.timestamp(), next.end)
}

impl InvoiceLine {
    const fn price(&self, plan: &Plan) -> Money {
        Money::new(self.amount_minor, plan.currency)
    }
}

/// The plan's price, then each meter that is counted over the month.
fn lines(
    tx: &mut TenantTx<'_>,
    invoice_id: InvoiceId,
    subscription: &Subscription,
    plan: &Plan,
) -> Result<Vec<InvoiceLine>, ClosePeriodError> {
    let mut lines = vec![InvoiceLine {
        id: tx.new_id::<InvoiceLineId>(),
        invoice_id,
        position: 0,
        kind: "plan".into(),
        quantity: 1,
        included: 0,
        unit: 1,
        unit_price_minor: plan.price_minor,
        amount_minor: plan.price_minor,
    }];
    for (position, meter) in (1..).zip(plan::meters(tx.conn(), plan.id)?.into_iter().filter(|meter| !meter.is_limit)) {
        let used = metering::usage(tx, meter.meter, subscription.period_start, subscription.period_end)?;
        let price = Money::new(meter.price_minor, plan.currency);
        lines.push(InvoiceLine {
            id: tx.new_id::<InvoiceLineId>(),
            invoice_id,
            position,
            kind: meter.meter.to_string(),
            quantity: used,
            included: meter.included,
            unit: meter.unit,
            unit_price_minor: meter.price_minor,
            amount_minor: charge(used, meter.included, meter.unit, price)?.amount_minor,
        });
    }
    Ok(lines)
}

fn insert(tx: &mut TenantTx<'_>, invoice: &Invoice, lines: &[InvoiceLine]) -> Result<(), DbError> {
    diesel::insert_into(invoices::table).values(invoice).execute(tx.conn())?;
    diesel::insert_into(invoice_lines::table).values(lines).execute(tx.conn())?;
    Ok(())
}

fn tell(tx: &mut TenantTx<'_>, invoice: &Invoice, label: &str) -> Result<(), DbError> {
    tx.emit(&InvoiceFinalized {
        id: invoice.id,
        number: invoice.number.clone(),
        total_minor: invoice.total_minor,
        currency: invoice.currency,
    })?;
    tx.audit("invoice.finalized", invoice.id, json!({ "number": invoice.number, "total_minor": invoice.total_minor }))?;
    let total = Money::new(invoice.total_minor, invoice.currency);
    notifications::notify(
        tx,
        &Notice {
            to: Audience::Roles(&[Role::Owner, Role::Finance]),
            template: Template::InvoiceFinalized,
            params: json!({ "number": invoice.number, "period": label, "total": total.display() }),
            dedupe_key: format!("invoice.finalized {}", invoice.id),
        },
    )
}
