//! Finds and lists orders, from either side.

use crate::{Counterparty, Order, OrderLine, PartyRole, Shipment, ShipmentLine, TimelineLine, order::ShipmentRow};
use db::{
    DbError, TenantScope, TenantTx,
    schema::{order_lines, order_timeline, orders, shipment_lines, shipments},
};
use diesel::prelude::*;
use kernel::{
    ids::{OrderId, OrderLineId, ShipmentId, TenantId},
    pages::{Page, PageRequest},
};
use payments::{Escrow, Payment};
use std::collections::{BTreeMap, HashMap};

/// An order with all that belongs to it.
#[derive(Debug, Clone)]
pub struct OrderDetail {
    /// The order.
    pub order: Order,
    /// Its lines.
    pub lines: Vec<OrderLine>,
    /// Its shipments, oldest first.
    pub shipments: Vec<Shipment>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineLine>,
    /// Its payments, oldest first.
    pub payments: Vec<Payment>,
    /// The money held for it, once it was paid.
    pub escrow: Option<Escrow>,
}

/// An order of the transaction's tenant, which is its seller.
pub fn order(tx: &mut TenantTx<'_>, id: OrderId) -> Result<Option<OrderDetail>, DbError> {
    Ok(details(tx, &[id])?.pop())
}

/// An order that the transaction's tenant has placed.
pub fn purchase(tx: &mut TenantTx<'_>, id: OrderId) -> Result<Option<OrderDetail>, DbError> {
    match Counterparty::of(tx, id, PartyRole::Buyer)? {
        Some(party) => tx.in_tenant(&party.scope(), |tx| order(tx, id)),
        None => Ok(None),
    }
}

/// Orders of the transaction's tenant as seller, newest first.
pub fn list_orders(tx: &mut TenantTx<'_>, page: &PageRequest<OrderId>) -> Result<Page<OrderDetail, OrderId>, DbError> {
    let rows = Counterparty::list(tx, PartyRole::Seller, page)?;
    let ids: Vec<OrderId> = rows.data.iter().map(|(id, _)| *id).collect();
    Ok(Page { data: details(tx, &ids)?, next: rows.next })
}

/// Orders that the transaction's tenant has placed, newest first.
pub fn list_purchases(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<OrderId>,
) -> Result<Page<OrderDetail, OrderId>, DbError> {
    let rows = Counterparty::list(tx, PartyRole::Buyer, page)?;
    let mut by_seller: BTreeMap<TenantId, (TenantScope, Vec<OrderId>)> = BTreeMap::new();
    for (id, party) in &rows.data {
        let scope = party.scope();
        by_seller.entry(scope.tenant()).or_insert_with(|| (scope, Vec::new())).1.push(*id);
    }
    let mut found = Vec::new();
    for (scope, ids) in by_seller.into_values() {
        found.extend(tx.in_tenant(&scope, |tx| details(tx, &ids))?);
    }
    found.sort_by_key(|detail| std::cmp::Reverse(detail.order.id));
    Ok(Page { data: found, next: rows.next })
}

/// Orders of the transaction's tenant with all that belongs to them, newest first.
fn details(tx: &mut TenantTx<'_>, ids: &[OrderId]) -> Result<Vec<OrderDetail>, DbError> {
    let found: Vec<Order> = orders::table
        .filter(orders::tenant_id.eq(tx.tenant()))
        .filter(orders::id.eq_any(ids))
        .order(orders::id.desc())
        .select(Order::as_select())
        .load(tx.conn())?;
    let mut lines = group(lines(tx, ids)?, |line| line.order_id);
    let mut shipments = shipments_of(tx, ids)?;
    let mut timeline = group(timeline(tx, ids)?, |line| line.order_id);
    let mut payments = group(payments::payments_of(tx, ids)?, |payment| payment.order_id);
    let mut escrows: HashMap<OrderId, Escrow> =
        payments::escrow_of(tx, ids)?.into_iter().map(|escrow| (escrow.order_id, escrow)).collect();
    let detail = |order: Order| OrderDetail {
        lines: lines.remove(&order.id).unwrap_or_default(),
        shipments: shipments.remove(&order.id).unwrap_or_default(),
        timeline: timeline.remove(&order.id).unwrap_or_default(),
        payments: payments.remove(&order.id).unwrap_or_default(),
        escrow: escrows.remove(&order.id),
        order,
    };
    Ok(found.into_iter().map(detail).collect())
}

fn group<T>(rows: Vec<T>, order: impl Fn(&T) -> OrderId) -> HashMap<OrderId, Vec<T>> {
    let mut groups: HashMap<OrderId, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(order(&row)).or_default().push(row);
    }
    groups
}

pub(crate) fn lines(tx: &mut TenantTx<'_>, ids: &[OrderId]) -> Result<Vec<OrderLine>, DbError> {
    Ok(order_lines::table
        .filter(order_lines::tenant_id.eq(tx.tenant()))
        .filter(order_lines::order_id.eq_any(ids))
        .order((order_lines::order_id, order_lines::position))
        .select(OrderLine::as_select())
        .load(tx.conn())?)
}

fn timeline(tx: &mut TenantTx<'_>, ids: &[OrderId]) -> Result<Vec<TimelineLine>, DbError> {
    Ok(order_timeline::table
        .filter(order_timeline::tenant_id.eq(tx.tenant()))
        .filter(order_timeline::order_id.eq_any(ids))
        .order((order_timeline::order_id, order_timeline::position))
        .select(TimelineLine::as_select())
        .load(tx.conn())?)
}

fn shipments_of(tx: &mut TenantTx<'_>, ids: &[OrderId]) -> Result<HashMap<OrderId, Vec<Shipment>>, DbError> {
    let rows: Vec<ShipmentRow> = shipments::table
        .filter(shipments::tenant_id.eq(tx.tenant()))
        .filter(shipments::order_id.eq_any(ids))
        .order(shipments::id)
        .select(ShipmentRow::as_select())
        .load(tx.conn())?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let shipment_ids: Vec<ShipmentId> = rows.iter().map(|row| row.id).collect();
    let parts: Vec<(ShipmentId, OrderLineId, i64)> = shipment_lines::table
        .filter(shipment_lines::tenant_id.eq(tx.tenant()))
        .filter(shipment_lines::shipment_id.eq_any(shipment_ids))
        .order((shipment_lines::shipment_id, shipment_lines::line_id))
        .select((shipment_lines::shipment_id, shipment_lines::line_id, shipment_lines::quantity))
        .load(tx.conn())?;
    let mut lines: HashMap<ShipmentId, Vec<ShipmentLine>> = HashMap::new();
    for (shipment, line_id, quantity) in parts {
        lines.entry(shipment).or_default().push(ShipmentLine { line_id, quantity });
    }
    let mut groups: HashMap<OrderId, Vec<Shipment>> = HashMap::new();
    for row in rows {
        let lines = lines.remove(&row.id).unwrap_or_default();
        groups.entry(row.order_id).or_default().push(Shipment {
            id: row.id,
            carrier: row.carrier,
            tracking_number: row.tracking_number,
            proof_file_id: row.proof_file_id,
            created_at: row.created_at,
            lines,
        });
    }
    Ok(groups)
}
