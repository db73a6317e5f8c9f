//! Usage events: facts, added up when a period is billed.

use crate::Meter;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::usage_events};
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};
use kernel::ids::UsageId;

/// Counts `quantity` (not negative, in the meter's unit) at the transaction's instant. `id` comes from the cause; false if that
/// cause is counted already.
pub fn record(tx: &mut TenantTx<'_>, id: UsageId, meter: Meter, quantity: i64) -> Result<bool, DbError> {
    let event = (
        usage_events::id.eq(id),
        usage_events::meter.eq(meter),
        usage_events::quantity.eq(quantity),
        usage_events::at.eq(tx.now()),
    );
    let counted = diesel::insert_into(usage_events::table)
        .values(event)
        .on_conflict((usage_events::tenant_id, usage_events::id))
        .do_nothing()
        .execute(tx.conn())?;
    Ok(counted == 1)
}

/// The sum of a meter from `from` until before `to`.
pub fn usage(tx: &mut TenantTx<'_>, meter: Meter, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<i64, DbError> {
    let sum = usage_events::table
        .filter(usage_events::tenant_id.eq(tx.tenant()))
        .filter(usage_events::meter.eq(meter))
        .filter(usage_events::at.ge(from))
        .filter(usage_events::at.lt(to))
        .select(sql::<BigInt>("coalesce(sum(quantity), 0)::bigint"))
        .first(tx.conn())?;
    Ok(sum)
}
