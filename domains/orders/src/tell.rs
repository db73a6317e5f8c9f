//! Tells both parties of an order what happened (INV-O4): event and audit logs, inbox and mail.

use crate::{Counterparty, Order};
use audit::Audited;
use db::{DbError, TenantTx};
use jobs::{Emit, Event};
use kernel::{Money, permission::Role};
use notifications::{Audience, Notice, Template, notify};
use serde_json::{Value, json};

/// Who in a firm hears of its trade.
const ROLES: &[Role] = &[Role::Owner, Role::Admin, Role::Sales, Role::Finance];

/// What both parties are told of in words.
pub(crate) struct Message<'a> {
    /// The words.
    pub(crate) template: Template,
    /// What they name beside the order's number and the other firm.
    pub(crate) params: Value,
    /// Names the cause, so that it is told once.
    pub(crate) cause: &'a str,
}

/// Runs `work` in the buyer's tenant, whom the seller's own row of the order names.
fn as_buyer<T>(
    tx: &mut TenantTx<'_>,
    order: &Order,
    work: impl FnOnce(&mut TenantTx<'_>) -> Result<T, DbError>,
) -> Result<T, DbError> {
    let buyer = Counterparty::buyer_of(tx, order)?;
    tx.in_tenant(&buyer.scope(), work)
}

/// Adds an event, and an audit row of the same name, to both parties' logs.
pub(crate) fn both<E: Event>(tx: &mut TenantTx<'_>, order: &Order, event: &E) -> Result<(), DbError> {
    record(tx, order, event)?;
    as_buyer(tx, order, |tx| record(tx, order, event))
}

fn record<E: Event>(tx: &mut TenantTx<'_>, order: &Order, event: &E) -> Result<(), DbError> {
    tx.emit(event)?;
    tx.audit(E::TYPE, order.id, event)
}

/// Writes to both parties.
pub(crate) fn write_both(tx: &mut TenantTx<'_>, order: &Order, message: &Message<'_>) -> Result<(), DbError> {
    write_seller(tx, order, message)?;
    write_buyer(tx, order, message)
}

/// Writes to the seller.
pub(crate) fn write_seller(tx: &mut TenantTx<'_>, order: &Order, message: &Message<'_>) -> Result<(), DbError> {
    send(tx, order, message, &order.buyer_name)
}

/// Writes to the buyer.
pub(crate) fn write_buyer(tx: &mut TenantTx<'_>, order: &Order, message: &Message<'_>) -> Result<(), DbError> {
    as_buyer(tx, order, |tx| send(tx, order, message, &order.seller_name))
}

fn send(tx: &mut TenantTx<'_>, order: &Order, message: &Message<'_>, firm: &str) -> Result<(), DbError> {
    let mut params = json!({ "number": order.number_text(), "firm": firm });
    if let (Some(all), Value::Object(more)) = (params.as_object_mut(), &message.params) {
        all.extend(more.clone());
    }
    let dedupe_key = format!("{} {}", message.template, message.cause);
    notify(tx, &Notice { to: Audience::Roles(ROLES), template: message.template, params, dedupe_key })
}

/// An amount as people read it: `1299.00 CNY`.
pub(crate) fn readable(money: Money) -> String {
    let digits = money.currency.minor_digits();
    let unit = 10_i64.pow(digits);
    let (whole, part) = (money.amount_minor / unit, (money.amount_minor % unit).abs());
    match digits {
        0 => format!("{whole} {}", money.currency),
        _ => format!("{whole}.{part:0width$} {}", money.currency, width = usize::try_from(digits).unwrap_or(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Currency;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        for (amount, currency, text) in
            [(129_905, Currency::Cny, "1299.05 CNY"), (7, Currency::Usd, "0.07 USD"), (500, Currency::Jpy, "500 JPY")]
        {
            assert_eq!(readable(Money::new(amount, currency)), text);
        }
    }
}
