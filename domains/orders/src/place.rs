//! A buyer orders: one order for each seller, all or none.

use crate::{
    Address, Counterparty, Order, OrderDetail, OrderLine, OrderStatus, PartyRole, Terms,
    events::OrderPlaced,
    jobs::cancel_unpaid::CancelUnpaid,
    parties, store,
    tell::{self, Message},
};
use catalogue::{
    OfferError, ReserveError,
    pricing::{PriceReason, tax_of},
};
use chrono::Duration;
use db::{
    DbError, Keep, TenantTx,
    schema::{order_counters, order_lines, orders},
};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::{
    Currency, Money,
    ids::{OrderId, TenantId, VariantId},
};
use notifications::Template;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tenants::Tenant;

/// Stock stays promised this much longer than the order waits, so that a payment of the last minute finds it.
const RESERVATION_MARGIN: Duration = Duration::days(1);

/// The most units of one line: sums of promised units stay far from the end of their range, so nobody can use it up.
const MAX_QUANTITY: i64 = 1_000_000_000;

/// A variant and how much of it.
#[derive(Debug, Clone, Copy)]
pub struct WantedLine {
    /// The variant.
    pub variant_id: VariantId,
    /// Units.
    pub quantity: i64,
}

/// What a buyer orders, of any number of sellers.
#[derive(Debug, Clone)]
pub struct PlaceOrder {
    /// What; at least one line, no variant twice.
    pub lines: Vec<WantedLine>,
    /// Where to.
    pub shipping_address: Address,
    /// Words to the sellers.
    pub note: Option<String>,
    /// The buyer's own number.
    pub po_number: Option<String>,
}

/// Why nothing was ordered.
#[derive(Debug, thiserror::Error)]
pub enum PlaceOrderError {
    /// This line's variant is not on sale.
    #[error("line {line} is not on sale")]
    NotOnSale {
        /// The line, from 0.
        line: usize,
    },
    /// This line's variant stands in an earlier line too.
    #[error("line {line} repeats an earlier one")]
    Repeated {
        /// The line, from 0.
        line: usize,
    },
    /// A firm does not buy from itself.
    #[error("line {line} is the buyer's own product")]
    OwnProduct {
        /// The line, from 0.
        line: usize,
    },
    /// This quantity cannot be ordered.
    #[error("line {line}: order at least {minimum} in steps of {increment}")]
    Quantity {
        /// The line, from 0.
        line: usize,
        /// The least.
        minimum: i64,
        /// The most.
        maximum: Option<i64>,
        /// The step.
        increment: i64,
        /// The nearest quantities that can be ordered.
        nearest: Vec<i64>,
    },
    /// One seller's lines are priced in several currencies.
    #[error("line {line} is priced in another currency")]
    MixedCurrencies {
        /// The first line that differs, from 0.
        line: usize,
    },
    /// The order's value is nothing, or more than can be counted.
    #[error("the order's value cannot be paid")]
    Value,
    /// The buyer's firm may not trade: it was closed or suspended a moment ago.
    #[error("the buyer's firm may not trade")]
    BuyerNotOpen,
    /// Too little is left.
    #[error("only {available} units of {variant_id} are left")]
    OutOfStock {
        /// The variant.
        variant_id: VariantId,
        /// What is left.
        available: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ReserveError> for PlaceOrderError {
    fn from(error: ReserveError) -> Self {
        match error {
            ReserveError::OutOfStock { variant_id, available } => Self::OutOfStock { variant_id, available },
            ReserveError::Db(error) => error.into(),
        }
    }
}

/// A line with its place in the buyer's request.
type Numbered = (usize, WantedLine);

/// Orders in the buyer's transaction: in each seller's tenant, in the order of their ids, prices are frozen, stock is promised
/// and an order is made.
pub fn place(tx: &mut TenantTx<'_>, terms: &Terms, command: &PlaceOrder) -> Result<Vec<OrderDetail>, PlaceOrderError> {
    let buyer = tenants::hold_open(tx)?;
    if !buyer.status.may_write() {
        return Err(PlaceOrderError::BuyerNotOpen);
    }
    let mut placed = Vec::new();
    for (seller, lines) in by_seller(tx, &command.lines)? {
        let party = Counterparty::placing(tx, seller);
        let detail = tx.in_tenant(&party.scope(), |tx| place_with(tx, (terms, command, &buyer), &lines))?;
        parties::insert(tx, detail.order.id, PartyRole::Buyer, seller)?;
        placed.push(detail);
    }
    Ok(placed)
}

/// Whose variants these are, in the order of sellers' ids, so that two buyers lock sellers' rows in one order.
fn by_seller(
    tx: &mut TenantTx<'_>,
    lines: &[WantedLine],
) -> Result<BTreeMap<TenantId, Vec<Numbered>>, PlaceOrderError> {
    let variants: Vec<VariantId> = lines.iter().map(|line| line.variant_id).collect();
    let sellers = catalogue::sellers_of(tx.conn(), &variants)?;
    let (mut seen, mut grouped) = (BTreeSet::new(), BTreeMap::<TenantId, Vec<Numbered>>::new());
    for (line, wanted) in lines.iter().enumerate() {
        let seller = *sellers.get(&wanted.variant_id).ok_or(PlaceOrderError::NotOnSale { line })?;
        if seller == tx.tenant() {
            return Err(PlaceOrderError::OwnProduct { line });
        }
        if !seen.insert(wanted.variant_id) {
            return Err(PlaceOrderError::Repeated { line });
        }
        grouped.entry(seller).or_default().push((line, *wanted));
    }
    Ok(grouped)
}

/// One seller's order; runs in the seller's tenant.
fn place_with(
    tx: &mut TenantTx<'_>,
    (terms, command, buyer): (&Terms, &PlaceOrder, &Tenant),
    wanted: &[Numbered],
) -> Result<OrderDetail, PlaceOrderError> {
    let seller = tenants::hold_open(tx)?;
    if !seller.status.may_write() {
        return Err(PlaceOrderError::NotOnSale { line: wanted.first().map_or(0, |(line, _)| *line) });
    }
    let id: OrderId = tx.new_id();
    let (currency, lines) = price(tx, (id, buyer.id), wanted)?;
    let subtotal = lines
        .iter()
        .try_fold(0_i64, |sum, line| sum.checked_add(line.total))
        .filter(|sum| *sum > 0)
        .ok_or(PlaceOrderError::Value)?;
    let tax = tax_on_top(&lines).ok_or(PlaceOrderError::Value)?;
    let total = subtotal.checked_add(tax).ok_or(PlaceOrderError::Value)?;
    let pay_by = tx.now() + terms.payment_window;
    let reserved: Vec<(VariantId, i64)> = lines.iter().map(|line| (line.variant_id, line.quantity)).collect();
    catalogue::reserve(tx, id, &reserved, pay_by + RESERVATION_MARGIN)?;
    let order = Order {
        id,
        seller_id: tx.tenant(),
        number: next_number(tx)?,
        status: OrderStatus::AwaitingPayment,
        buyer_id: buyer.id,
        buyer_name: buyer.name.clone(),
        seller_name: seller.name,
        currency,
        subtotal,
        shipping: 0,
        tax,
        total,
        refunded: 0,
        commission_basis_points: terms.commission_basis_points,
        shipping_address: serde_json::to_value(&command.shipping_address)
            .map_err(|error| DbError::Corrupt(error.to_string()))?,
        note: command.note.clone(),
        po_number: command.po_number.clone(),
        placed_at: tx.now(),
        pay_by,
        confirm_by: None,
    };
    insert(tx, &order, &lines)?;
    parties::insert(tx, id, PartyRole::Seller, buyer.id)?;
    let timeline = vec![store::note_placed(tx, &order)?];
    tx.enqueue_at(&CancelUnpaid { order_id: id }, pay_by)?;
    announce(tx, &order)?;
    Ok(OrderDetail { order, lines, timeline, shipments: Vec::new(), payments: Vec::new(), escrow: None })
}

/// The lines at the seller's present terms.
fn price(
    tx: &mut TenantTx<'_>,
    (order, buyer): (OrderId, TenantId),
    wanted: &[Numbered],
) -> Result<(Currency, Vec<OrderLine>), PlaceOrderError> {
    let ids: Vec<VariantId> = wanted.iter().map(|(_, line)| line.variant_id).collect();
    let offers = catalogue::offers(tx, Some(buyer), &ids)?;
    let (mut currency, mut lines) = (None, Vec::new());
    for (position, (line, WantedLine { variant_id, quantity })) in (1_i16..).zip(wanted) {
        let (line, quantity) = (*line, *quantity);
        if quantity > MAX_QUANTITY {
            return Err(PlaceOrderError::Value);
        }
        let offer = offers.of(*variant_id, quantity).map_err(|error| match error {
            OfferError::NotOnSale => PlaceOrderError::NotOnSale { line },
            OfferError::Quantity { minimum, maximum, increment, nearest } => {
                PlaceOrderError::Quantity { line, minimum, maximum, increment, nearest }
            }
        })?;
        let Money { amount_minor, currency: own } = offer.price.unit;
        if *currency.get_or_insert(own) != own {
            return Err(PlaceOrderError::MixedCurrencies { line });
        }
        let total = offer.price.unit.times(quantity).map_err(|_| PlaceOrderError::Value)?;
        let tax = offer.price.tax.map(|tax| tax_of(total, tax)).transpose().map_err(|_| PlaceOrderError::Value)?;
        lines.push(OrderLine {
            id: tx.new_id(),
            order_id: order,
            position,
            product_id: offer.product_id,
            variant_id: offer.variant_id,
            sku: offer.sku,
            title: offer.title,
            unit: offer.unit,
            quantity,
            unit_price: amount_minor,
            total: total.amount_minor,
            shipped: 0,
            tax: tax.map_or(0, |tax| tax.amount_minor),
            price_reasons: offer.price.reasons,
        });
    }
    Ok((currency.ok_or(PlaceOrderError::Value)?, lines))
}

/// Tax that is added to the lines; what prices contain is not.
fn tax_on_top(lines: &[OrderLine]) -> Option<i64> {
    let added = |reason: &PriceReason| matches!(reason, PriceReason::Tax { included: false, .. });
    let taxed = lines.iter().filter(|line| line.price_reasons.0.iter().any(added));
    taxed.map(|line| line.tax).try_fold(0, i64::checked_add)
}

/// The seller's next order number (INV-O5); holds the counter until the transaction ends.
fn next_number(tx: &mut TenantTx<'_>) -> Result<i64, DbError> {
    Ok(diesel::insert_into(order_counters::table)
        .values(order_counters::last_number.eq(1))
        .on_conflict(order_counters::tenant_id)
        .do_update()
        .set(order_counters::last_number.eq(order_counters::last_number + 1))
        .returning(order_counters::last_number)
        .kept()
        .get_result(tx.conn())?)
}

fn insert(tx: &mut TenantTx<'_>, order: &Order, lines: &[OrderLine]) -> Result<(), DbError> {
    let row = (
        orders::id.eq(order.id),
        orders::number.eq(order.number),
        orders::status.eq(order.status),
        orders::buyer_tenant_id.eq(order.buyer_id),
        orders::buyer_name.eq(&order.buyer_name),
        orders::seller_name.eq(&order.seller_name),
        orders::currency.eq(order.currency),
        orders::subtotal.eq(order.subtotal),
        orders::shipping.eq(order.shipping),
        orders::tax.eq(order.tax),
        orders::total.eq(order.total),
        orders::commission_basis_points.eq(order.commission_basis_points),
        orders::shipping_address.eq(&order.shipping_address),
        orders::note.eq(&order.note),
        orders::po_number.eq(&order.po_number),
        orders::placed_at.eq(order.placed_at),
        orders::pay_by.eq(order.pay_by),
    );
    diesel::insert_into(orders::table).values(row).kept().execute(tx.conn())?;
    // One line has a plan that is kept; for several, one statement without is cheaper than many.
    match lines {
        [line] => diesel::insert_into(order_lines::table).values(line).kept().execute(tx.conn())?,
        _ => diesel::insert_into(order_lines::table).values(lines).execute(tx.conn())?,
    };
    Ok(())
}

/// Tells both parties.
fn announce(tx: &mut TenantTx<'_>, order: &Order) -> Result<(), DbError> {
    tell::both(tx, order, &OrderPlaced(order.into()))?;
    let params = json!({ "total": tell::readable(order.money()) });
    let cause = order.id.to_string();
    tell::write_both(tx, order, &Message { template: Template::OrderPlaced, params, cause: &cause })
}
