//! Rows that several use cases share.

use crate::{Order, OrderStatus, Party, Step, TimelineLine};
use db::{
    DbError, Keep, TenantTx,
    schema::{order_timeline, orders},
};
use diesel::prelude::*;
use kernel::ids::OrderId;

/// Locks an order of the transaction's tenant, which is its seller. Always the first lock of a verb.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: OrderId) -> Result<Option<Order>, DbError> {
    Ok(orders::table
        .filter(orders::tenant_id.eq(tx.tenant()))
        .filter(orders::id.eq(id))
        .select(Order::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Takes one allowed step (INV-O1). The caller holds the lock.
pub(crate) fn advance(tx: &mut TenantTx<'_>, order: &mut Order, next: OrderStatus) -> Result<(), DbError> {
    if !order.status.may_become(next) {
        return Err(DbError::Corrupt(format!("{} cannot go from {} to {next}", order.id, order.status)));
    }
    order.status = next;
    diesel::update(orders::table)
        .filter(orders::tenant_id.eq(tx.tenant()))
        .filter(orders::id.eq(order.id))
        .set((orders::status.eq(next), orders::version.eq(orders::version + 1)))
        .execute(tx.conn())?;
    Ok(())
}

/// Adds a line to an order's timeline. The caller holds the lock, so positions have no gaps.
pub(crate) fn note(
    tx: &mut TenantTx<'_>,
    order: &Order,
    step: Step,
    by: Party,
    reason: Option<&str>,
) -> Result<(), DbError> {
    let last: Option<i32> = order_timeline::table
        .filter(order_timeline::tenant_id.eq(tx.tenant()))
        .filter(order_timeline::order_id.eq(order.id))
        .select(diesel::dsl::max(order_timeline::position))
        .first(tx.conn())?;
    let line = TimelineLine { order_id: order.id, step, by_party: by, reason: reason.map(str::to_owned), at: tx.now() };
    insert_note(tx, last.unwrap_or_default() + 1, &line)
}

/// Begins a new order's timeline.
pub(crate) fn note_placed(tx: &mut TenantTx<'_>, order: &Order) -> Result<TimelineLine, DbError> {
    let (step, by_party) = (Step::Placed, Party::Buyer);
    let line = TimelineLine { order_id: order.id, step, by_party, reason: None, at: order.placed_at };
    insert_note(tx, 1, &line)?;
    Ok(line)
}

fn insert_note(tx: &mut TenantTx<'_>, position: i32, line: &TimelineLine) -> Result<(), DbError> {
    diesel::insert_into(order_timeline::table)
        .values((order_timeline::position.eq(position), line))
        .kept()
        .execute(tx.conn())?;
    Ok(())
}
