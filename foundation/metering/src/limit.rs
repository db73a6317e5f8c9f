//! Limits, and what is used and reserved of them. Each change is one UPDATE of one row, which PostgreSQL orders.

use crate::Meter;
use db::{DbError, Keep, TenantTx, schema::limits};
use diesel::prelude::*;

/// The row of a limit with room for an amount, as a diesel query; a macro because the type of such a query has no short name.
macro_rules! with_room {
    ($tx:expr, $meter:expr, $amount:expr) => {
        limits::table
            .filter(limits::tenant_id.eq($tx.tenant()))
            .filter(limits::meter.eq($meter))
            .filter((limits::maximum - limits::used - limits::reserved).ge($amount))
    };
}

/// A limit and what is used of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = limits)]
pub struct Limit {
    /// What is limited.
    pub meter: Meter,
    /// The most that may be used and reserved together.
    pub maximum: i64,
    /// Used for good.
    pub used: i64,
    /// Promised to work under way.
    pub reserved: i64,
}

/// Why nothing was reserved.
#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    /// It would pass the limit. A tenant without a limit for a meter may use none of it.
    #[error("the limit of {meter} is reached: {used} of {maximum}")]
    LimitReached {
        /// What is limited.
        meter: Meter,
        /// The limit.
        maximum: i64,
        /// Used and reserved at present.
        used: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sets a tenant's limit; one below what is used only stops new reservations.
pub fn set_limit(tx: &mut TenantTx<'_>, meter: Meter, maximum: i64) -> Result<(), DbError> {
    diesel::insert_into(limits::table)
        .values((limits::meter.eq(meter), limits::maximum.eq(maximum)))
        .on_conflict((limits::tenant_id, limits::meter))
        .do_update()
        .set(limits::maximum.eq(maximum))
        .execute(tx.conn())?;
    Ok(())
}

/// Reserves `amount` (not negative) of a limit. Holds the limit's row until the transaction ends.
pub fn reserve(tx: &mut TenantTx<'_>, meter: Meter, amount: i64) -> Result<(), ReserveError> {
    let amount = not_negative(amount)?;
    let taken = diesel::update(with_room!(tx, meter, amount))
        .set(limits::reserved.eq(limits::reserved + amount))
        .execute(tx.conn());
    if taken.map_err(DbError::from)? == 1 { Ok(()) } else { Err(refusal(tx, meter)?) }
}

/// Uses `amount` (not negative) of a limit at once, where no work stands between promise and use.
pub fn consume(tx: &mut TenantTx<'_>, meter: Meter, amount: i64) -> Result<(), ReserveError> {
    let amount = not_negative(amount)?;
    let used = diesel::update(with_room!(tx, meter, amount))
        .set(limits::used.eq(limits::used + amount))
        .kept()
        .execute(tx.conn());
    if used.map_err(DbError::from)? == 1 { Ok(()) } else { Err(refusal(tx, meter)?) }
}

/// Ends a reservation of `reserved` (not negative) and changes what is used by `used_delta`: what was really used, less than
/// zero where something used before came free.
pub fn settle(tx: &mut TenantTx<'_>, meter: Meter, reserved: i64, used_delta: i64) -> Result<(), DbError> {
    let reserved = not_negative(reserved)?;
    let row = limits::table.filter(limits::tenant_id.eq(tx.tenant())).filter(limits::meter.eq(meter));
    let changed = diesel::update(row)
        .set((limits::reserved.eq(limits::reserved - reserved), limits::used.eq(limits::used + used_delta)))
        .execute(tx.conn())?;
    if changed == 1 { Ok(()) } else { Err(DbError::Corrupt(format!("no limit of {meter} to settle"))) }
}

/// Gives back a reservation of which nothing was used.
pub fn release(tx: &mut TenantTx<'_>, meter: Meter, reserved: i64) -> Result<(), DbError> {
    settle(tx, meter, reserved, 0)
}

/// All limits of the tenant.
pub fn limits(tx: &mut TenantTx<'_>) -> Result<Vec<Limit>, DbError> {
    let limits = limits::table
        .filter(limits::tenant_id.eq(tx.tenant()))
        .order(limits::meter)
        .select(Limit::as_select())
        .load(tx.conn())?;
    Ok(limits)
}

/// Why there was no room.
fn refusal(tx: &mut TenantTx<'_>, meter: Meter) -> Result<ReserveError, DbError> {
    let limit = find(tx, meter)?;
    let (maximum, used) = limit.map_or((0, 0), |limit| (limit.maximum, limit.used.saturating_add(limit.reserved)));
    Ok(ReserveError::LimitReached { meter, maximum, used })
}

fn find(tx: &mut TenantTx<'_>, meter: Meter) -> Result<Option<Limit>, DbError> {
    let limit = limits::table
        .filter(limits::tenant_id.eq(tx.tenant()))
        .filter(limits::meter.eq(meter))
        .select(Limit::as_select())
        .first(tx.conn())
        .optional()?;
    Ok(limit)
}

fn not_negative(amount: i64) -> Result<i64, DbError> {
    if amount < 0 { Err(DbError::Corrupt("a reservation cannot be negative".into())) } else { Ok(amount) }
}
