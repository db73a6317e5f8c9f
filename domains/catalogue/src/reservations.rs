//! Stock promised to orders: reserved when placed, taken when paid, released when cancelled or expired.

use crate::{stock, store, variant::Variant};
use chrono::{DateTime, Utc};
use db::{DbError, Keep, TenantTx, schema::stock_reservations as reservations};
use diesel::prelude::*;
use kernel::{
    ids::{OrderId, VariantId},
    text_enum,
};
use std::collections::BTreeMap;

text_enum! {
    /// Where a reservation stands.
    pub(crate) enum ReservationState {
        /// Promised until it expires.
        Held = "held",
        /// Paid; the units have left the stock.
        Taken = "taken",
        /// Given back.
        Released = "released",
    }
}

/// Why stock could not be promised or taken.
#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    /// Fewer units are left than asked for. Nothing was reserved.
    #[error("only {available} units of {variant_id} are left")]
    OutOfStock {
        /// The variant; the first by id of those that lack stock.
        variant_id: VariantId,
        /// Units left; 0 for a variant that does not exist or is not on sale any more.
        available: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reservations)]
struct Reservation {
    order_id: OrderId,
    variant_id: VariantId,
    quantity: i64,
    state: ReservationState,
    expires_at: DateTime<Utc>,
}

/// Promises units to an order until an instant; all lines or none. Runs in the seller's tenant.
///
/// Repeating it for an order that holds its reservations changes nothing.
pub fn reserve(
    tx: &mut TenantTx<'_>,
    order: OrderId,
    lines: &[(VariantId, i64)],
    until: DateTime<Utc>,
) -> Result<(), ReserveError> {
    if !of_order(tx, order)?.is_empty() {
        return Ok(());
    }
    let mut wanted: BTreeMap<VariantId, i64> = BTreeMap::new();
    for (variant, quantity) in lines {
        let sum = wanted.entry(*variant).or_default();
        *sum = sum.saturating_add(*quantity);
    }
    let ids: Vec<VariantId> = wanted.keys().copied().collect();
    let mut locked = store::lock_variants(tx, &ids)?;
    // An archive locks the variants too: it has been seen here, or it will see what is promised now.
    let on_sale = store::on_sale(tx, &ids)?;
    if let Some(missing) = ids.iter().find(|id| !on_sale.contains(id)) {
        return Err(ReserveError::OutOfStock { variant_id: *missing, available: 0 });
    }
    let mut rows = Vec::new();
    for variant in &mut locked {
        let quantity = wanted.get(&variant.id).copied().unwrap_or_default();
        promise(variant, quantity)?;
        store::set_stock(tx, variant)?;
        let (variant_id, state, expires_at) = (variant.id, ReservationState::Held, until);
        rows.push(Reservation { order_id: order, variant_id, quantity, state, expires_at });
    }
    Ok(insert(tx, &rows)?)
}

/// Takes an order's units out of the stock, because it is paid. Runs in the seller's tenant; safe to repeat.
///
/// A reservation that has expired meanwhile is taken from what is left; if that is too little, nothing is taken and the
/// order must be refunded.
pub fn take_reserved(tx: &mut TenantTx<'_>, order: OrderId) -> Result<(), ReserveError> {
    settle(tx, order, ReservationState::Taken, |tx, variant, row| {
        if row.state == ReservationState::Released {
            promise(variant, row.quantity)?;
        }
        variant.reserved -= row.quantity;
        if variant.on_hand.is_some() {
            stock::sell(tx, variant, (row.quantity, order))?;
        }
        Ok(())
    })
}

/// Gives an order's promised units back, because it is cancelled or has expired. Runs in the seller's tenant; safe to
/// repeat. Units already taken stay taken.
pub fn release_reserved(tx: &mut TenantTx<'_>, order: OrderId) -> Result<(), DbError> {
    settle(tx, order, ReservationState::Released, |_, variant, row| {
        if row.state == ReservationState::Held {
            variant.reserved -= row.quantity;
        }
        Ok(())
    })
}

/// Moves an order's reservations to `state`; those that are taken stay so.
fn settle<E: From<DbError>>(
    tx: &mut TenantTx<'_>,
    order: OrderId,
    state: ReservationState,
    change: impl Fn(&mut TenantTx<'_>, &mut Variant, &Reservation) -> Result<(), E>,
) -> Result<(), E> {
    let ids: Vec<VariantId> = of_order(tx, order)?.into_iter().map(|row| row.variant_id).collect();
    let variants = store::lock_variants(tx, &ids)?;
    // Read again now that the variants are locked: only holders of their locks change reservations.
    let rows = of_order(tx, order)?;
    let open = rows.iter().filter(|row| row.state != ReservationState::Taken && row.state != state);
    for (row, mut variant) in open.filter_map(|row| find(&variants, row).map(|variant| (row, variant))) {
        change(tx, &mut variant, row)?;
        store::set_stock(tx, &variant)?;
        set_state(tx, row, state)?;
    }
    Ok(())
}

fn find(variants: &[Variant], row: &Reservation) -> Option<Variant> {
    variants.iter().find(|variant| variant.id == row.variant_id).cloned()
}

fn promise(variant: &mut Variant, quantity: i64) -> Result<(), ReserveError> {
    let left = variant.available().unwrap_or(i64::MAX);
    let out_of_stock = ReserveError::OutOfStock { variant_id: variant.id, available: left };
    if quantity < 1 || quantity > left {
        return Err(out_of_stock);
    }
    variant.reserved = variant.reserved.checked_add(quantity).ok_or(out_of_stock)?;
    Ok(())
}

fn of_order(tx: &mut TenantTx<'_>, order: OrderId) -> Result<Vec<Reservation>, DbError> {
    Ok(reservations::table
        .filter(reservations::tenant_id.eq(tx.tenant()))
        .filter(reservations::order_id.eq(order))
        .order(reservations::variant_id)
        .select(Reservation::as_select())
        .load(tx.conn())?)
}

/// One row has a plan that is kept; for several, one statement without is cheaper than many.
fn insert(tx: &mut TenantTx<'_>, rows: &[Reservation]) -> Result<(), DbError> {
    match rows {
        [row] => diesel::insert_into(reservations::table).values(row).kept().execute(tx.conn())?,
        _ => diesel::insert_into(reservations::table).values(rows).execute(tx.conn())?,
    };
    Ok(())
}

fn set_state(tx: &mut TenantTx<'_>, row: &Reservation, state: ReservationState) -> Result<(), DbError> {
    diesel::update(reservations::table)
        .filter(reservations::tenant_id.eq(tx.tenant()))
        .filter(reservations::order_id.eq(row.order_id))
        .filter(reservations::variant_id.eq(row.variant_id))
        .set(reservations::state.eq(state))
        .execute(tx.conn())?;
    Ok(())
}

/// Orders of this tenant with promises that have run out, oldest first.
pub(crate) fn expired_orders(tx: &mut TenantTx<'_>, limit: i64) -> Result<Vec<OrderId>, DbError> {
    Ok(reservations::table
        .filter(reservations::tenant_id.eq(tx.tenant()))
        .filter(reservations::state.eq(ReservationState::Held))
        .filter(reservations::expires_at.le(tx.now()))
        .order(reservations::expires_at)
        .select(reservations::order_id)
        .limit(limit)
        .load(tx.conn())?)
}
