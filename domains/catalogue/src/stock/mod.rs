//! Units in the warehouse: every change is a movement with a reason, and the last ones are told of.

mod adjust;
mod count;
mod read;
mod transfer;

pub use adjust::{AdjustInventoryError, Adjustment, adjust_inventory};
pub use count::{Counted, StockCount, count_stock};
pub use read::{InventoryItem, MovementRow, find_item, inventory, movements};
pub use transfer::{StockTransfer, transfer_stock};

use crate::{events::InventoryLow, locations::LocationId, variant::Variant};
use db::{
    DbError, Keep, TenantTx,
    schema::{stock_levels as levels, stock_movements as movements},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{ids::OrderId, text_enum};

kernel::define_id!(
    /// One change of stock.
    MovementId,
    "mov"
);

text_enum! {
    /// What changed stock.
    pub enum MovementKind {
        /// The first count, written with the variant.
        Initial = "initial",
        /// The seller, for the reason given.
        Adjustment = "adjustment",
        /// An order that was paid.
        Sale = "sale",
        /// Units went from one location to another.
        Transfer = "transfer",
        /// The seller counted.
        Count = "count",
    }
}

/// The most units a variant may have.
pub(crate) const MAX_STOCK: i64 = 1_000_000_000;

/// What changes a variant's stock, and why.
#[derive(Debug, Clone)]
pub(crate) struct Movement {
    pub(crate) delta: i64,
    pub(crate) kind: MovementKind,
    pub(crate) reason: Option<String>,
    pub(crate) order: Option<OrderId>,
    /// Where; `None` is the default location.
    pub(crate) location: Option<LocationId>,
}

/// Applies a movement to a locked variant and writes it down; the caller stores the variant.
pub(crate) fn apply(tx: &mut TenantTx<'_>, variant: &mut Variant, movement: &Movement) -> Result<(), DbError> {
    let before = variant.on_hand.unwrap_or_default();
    let after = before.checked_add(movement.delta).ok_or_else(|| DbError::Corrupt("stock out of range".into()))?;
    variant.on_hand = Some(after);
    place(tx, variant, (movement.location, movement.delta))?;
    note(tx, variant, movement)?;
    if variant.low_stock_at.is_some_and(|threshold| after <= threshold && before > threshold) {
        tx.emit(&InventoryLow::of(variant))?;
    }
    Ok(())
}

/// Takes sold units out of a locked variant: from the default location while it has some, then from where most lie.
pub(crate) fn sell(
    tx: &mut TenantTx<'_>,
    variant: &mut Variant,
    (quantity, order): (i64, OrderId),
) -> Result<(), DbError> {
    let sale = |units: i64, location| Movement {
        delta: -units,
        kind: MovementKind::Sale,
        reason: None,
        order: Some(order),
        location,
    };
    let at_hand = variant.at_default().min(quantity);
    if at_hand > 0 {
        apply(tx, variant, &sale(at_hand, None))?;
    }
    let mut left = quantity - at_hand;
    if left == 0 {
        return Ok(());
    }
    for (location, units) in most_first(tx, variant)? {
        let taken = units.min(left);
        if taken > 0 {
            apply(tx, variant, &sale(taken, Some(location)))?;
            left -= taken;
        }
    }
    if left == 0 { Ok(()) } else { Err(DbError::Corrupt("levels of stock do not sum up".into())) }
}

fn most_first(tx: &mut TenantTx<'_>, variant: &Variant) -> Result<Vec<(LocationId, i64)>, DbError> {
    Ok(levels::table
        .filter(levels::tenant_id.eq(tx.tenant()))
        .filter(levels::variant_id.eq(variant.id))
        .order((levels::on_hand.desc(), levels::location_id))
        .select((levels::location_id, levels::on_hand))
        .load(tx.conn())?)
}

/// Units of a locked variant at a location.
pub(crate) fn units_at(tx: &mut TenantTx<'_>, variant: &Variant, location: Option<LocationId>) -> Result<i64, DbError> {
    let Some(location) = location else { return Ok(variant.at_default()) };
    let units: Option<i64> = levels::table
        .filter(levels::tenant_id.eq(tx.tenant()))
        .filter(levels::variant_id.eq(variant.id))
        .filter(levels::location_id.eq(location))
        .select(levels::on_hand)
        .first(tx.conn())
        .optional()?;
    Ok(units.unwrap_or_default())
}

/// Changes how many units of a locked variant lie at a location; the default one has what lies nowhere else (INV-C9).
pub(crate) fn place(
    tx: &mut TenantTx<'_>,
    variant: &mut Variant,
    (location, delta): (Option<LocationId>, i64),
) -> Result<(), DbError> {
    let Some(location) = location else { return Ok(()) };
    let changed = diesel::update(
        levels::table
            .filter(levels::tenant_id.eq(tx.tenant()))
            .filter(levels::variant_id.eq(variant.id))
            .filter(levels::location_id.eq(location)),
    )
    .set(levels::on_hand.eq(levels::on_hand + delta))
    .execute(tx.conn())?;
    if changed == 0 {
        let row = (levels::variant_id.eq(variant.id), levels::location_id.eq(location), levels::on_hand.eq(delta));
        diesel::insert_into(levels::table).values(row).execute(tx.conn())?;
    }
    variant.elsewhere += delta;
    Ok(())
}

/// Writes a movement down.
pub(crate) fn note(tx: &mut TenantTx<'_>, variant: &Variant, movement: &Movement) -> Result<(), DbError> {
    let row = (
        movements::id.eq(tx.new_id::<MovementId>()),
        movements::variant_id.eq(variant.id),
        movements::delta.eq(movement.delta),
        movements::on_hand.eq(variant.on_hand.unwrap_or_default()),
        movements::kind.eq(movement.kind),
        movements::reason.eq(&movement.reason),
        movements::order_id.eq(movement.order),
        movements::at.eq(tx.now()),
        movements::location_id.eq(movement.location),
    );
    diesel::insert_into(movements::table).values(row).kept().execute(tx.conn())?;
    Ok(())
}
