//! The seller sends goods, all that remains or some of it.

use crate::{
    Order, OrderLine, OrderStatus, Party, Shipment, ShipmentLine, Step, Terms,
    events::OrderShipped,
    jobs::complete_unconfirmed::CompleteUnconfirmed,
    read, store,
    tell::{self, Message},
};
use db::{
    DbError, TenantTx,
    schema::{order_lines, orders, shipment_lines, shipments},
};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::ids::{FileId, OrderId, OrderLineId};
use notifications::Template;
use serde_json::json;

/// What a seller sends.
#[derive(Debug, Clone)]
pub struct ShipOrder {
    /// The order.
    pub order: OrderId,
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number of it.
    pub tracking_number: String,
    /// Which units; unset: all that remain.
    pub lines: Option<Vec<ShipmentLine>>,
    /// A file of the seller that proves it.
    pub proof_file_id: Option<FileId>,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum ShipOrderError {
    /// The transaction's tenant has sold no such order.
    #[error("no such order")]
    NotFound,
    /// It is not paid, or nothing remains.
    #[error("the order is {status}")]
    NotShippable {
        /// Where it stands.
        status: OrderStatus,
    },
    /// No such line, or it stands here twice.
    #[error("line {line} is not one of the order")]
    UnknownLine {
        /// The line, from 0.
        line: usize,
    },
    /// More than remains.
    #[error("line {line}: only {remaining} remain")]
    TooMany {
        /// The line, from 0.
        line: usize,
        /// Units not sent yet.
        remaining: i64,
    },
    /// The seller has no such file.
    #[error("no such file")]
    UnknownFile,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Announces a shipment. When nothing remains the order is shipped, and receipt counts as confirmed after the terms' window.
pub fn ship(tx: &mut TenantTx<'_>, terms: &Terms, command: &ShipOrder) -> Result<Shipment, ShipOrderError> {
    let mut order = store::lock(tx, command.order)?.ok_or(ShipOrderError::NotFound)?;
    if !order.status.may_ship() {
        return Err(ShipOrderError::NotShippable { status: order.status });
    }
    if let Some(file) = command.proof_file_id {
        files::find(tx, file)?.ok_or(ShipOrderError::UnknownFile)?;
    }
    let lines = read::lines(tx, &[order.id])?;
    let sent = choose(&lines, command.lines.as_deref())?;
    let shipment = insert(tx, command, sent)?;
    let remaining: i64 = lines.iter().map(|line| line.quantity - line.shipped).sum();
    let units: i64 = shipment.lines.iter().map(|line| line.quantity).sum();
    if units == remaining {
        store::advance(tx, &mut order, OrderStatus::Shipped)?;
        start_timer(tx, terms, &order)?;
    } else if order.status == OrderStatus::Paid {
        store::advance(tx, &mut order, OrderStatus::PartiallyShipped)?;
    }
    store::note(tx, &order, Step::Shipped, Party::Seller, None)?;
    tell::both(tx, &order, &OrderShipped((&order).into()))?;
    let params = json!({ "carrier": command.carrier, "tracking_number": command.tracking_number });
    let message = Message { template: Template::OrderShipped, params, cause: &shipment.id.to_string() };
    tell::write_both(tx, &order, &message)?;
    Ok(shipment)
}

/// The units to send, checked against those that remain.
fn choose(lines: &[OrderLine], wanted: Option<&[ShipmentLine]>) -> Result<Vec<ShipmentLine>, ShipOrderError> {
    let all = |line: &OrderLine| ShipmentLine { line_id: line.id, quantity: line.quantity - line.shipped };
    let Some(wanted) = wanted else {
        return Ok(lines.iter().map(all).filter(|line| line.quantity > 0).collect());
    };
    for (line, part) in wanted.iter().enumerate() {
        let repeated = wanted[..line].iter().any(|earlier| earlier.line_id == part.line_id);
        let known = lines.iter().find(|known| known.id == part.line_id && !repeated);
        let known = known.ok_or(ShipOrderError::UnknownLine { line })?;
        let remaining = known.quantity - known.shipped;
        if part.quantity < 1 || part.quantity > remaining {
            return Err(ShipOrderError::TooMany { line, remaining });
        }
    }
    Ok(wanted.to_vec())
}

fn insert(tx: &mut TenantTx<'_>, command: &ShipOrder, lines: Vec<ShipmentLine>) -> Result<Shipment, DbError> {
    let shipment = Shipment {
        id: tx.new_id(),
        carrier: command.carrier.clone(),
        tracking_number: command.tracking_number.clone(),
        proof_file_id: command.proof_file_id,
        created_at: tx.now(),
        lines,
    };
    let row = (
        shipments::id.eq(shipment.id),
        shipments::order_id.eq(command.order),
        shipments::carrier.eq(&shipment.carrier),
        shipments::tracking_number.eq(&shipment.tracking_number),
        shipments::proof_file_id.eq(shipment.proof_file_id),
        shipments::created_at.eq(shipment.created_at),
    );
    diesel::insert_into(shipments::table).values(row).execute(tx.conn())?;
    for line in &shipment.lines {
        let row = (
            shipment_lines::shipment_id.eq(shipment.id),
            shipment_lines::line_id.eq(line.line_id),
            shipment_lines::quantity.eq(line.quantity),
        );
        diesel::insert_into(shipment_lines::table).values(row).execute(tx.conn())?;
        count_shipped(tx, line.line_id, line.quantity)?;
    }
    Ok(shipment)
}

fn count_shipped(tx: &mut TenantTx<'_>, line: OrderLineId, units: i64) -> Result<(), DbError> {
    diesel::update(order_lines::table)
        .filter(order_lines::tenant_id.eq(tx.tenant()))
        .filter(order_lines::id.eq(line))
        .set(order_lines::shipped.eq(order_lines::shipped + units))
        .execute(tx.conn())?;
    Ok(())
}

fn start_timer(tx: &mut TenantTx<'_>, terms: &Terms, order: &Order) -> Result<(), DbError> {
    let confirm_by = tx.now() + terms.confirmation_window;
    diesel::update(orders::table)
        .filter(orders::tenant_id.eq(tx.tenant()))
        .filter(orders::id.eq(order.id))
        .set(orders::confirm_by.eq(confirm_by))
        .execute(tx.conn())?;
    tx.enqueue_at(&CompleteUnconfirmed { order_id: order.id }, confirm_by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use kernel::ids::Id;

    fn line(quantity: i64, shipped: i64) -> OrderLine {
        let at = DateTime::UNIX_EPOCH;
        OrderLine {
            id: OrderLineId::new(at),
            order_id: OrderId::new(at),
            position: 1,
            product_id: Id::new(at),
            variant_id: Id::new(at),
            sku: String::new(),
            title: String::new(),
            unit: String::new(),
            quantity,
            unit_price: 1,
            total: quantity,
            shipped,
            tax: 0,
            price_reasons: catalogue::pricing::PriceReasons::default(),
        }
    }

    #[test]
    fn without_lines_all_that_remains_is_sent() {
        let lines = [line(5, 2), line(4, 4)];
        let sent = choose(&lines, None).unwrap();
        assert_eq!(sent, [ShipmentLine { line_id: lines[0].id, quantity: 3 }]);
    }

    #[test]
    fn never_more_than_remains_and_no_line_twice() {
        let lines = [line(5, 2)];
        let part = |quantity| ShipmentLine { line_id: lines[0].id, quantity };
        assert!(choose(&lines, Some(&[part(3)])).is_ok());
        assert!(matches!(choose(&lines, Some(&[part(4)])), Err(ShipOrderError::TooMany { line: 0, remaining: 3 })));
        assert!(matches!(choose(&lines, Some(&[part(0)])), Err(ShipOrderError::TooMany { .. })));
        assert!(matches!(choose(&lines, Some(&[part(1), part(1)])), Err(ShipOrderError::UnknownLine { line: 1 })));
    }
}
