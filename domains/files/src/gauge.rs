//! Byte-hours: how much was stored for how long, counted whenever the amount changes.

use crate::warn;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::storage_gauges};
use diesel::prelude::*;
use kernel::ids::{Id, UsageId};
use metering::Meter;

const SECONDS_PER_HOUR: i128 = 3_600;

/// Counts the byte-hours since the last change, then changes the amount stored by `delta` bytes. The tenant's limit has
/// been settled before: here the firm is told if it comes near it.
pub(crate) fn change(tx: &mut TenantTx<'_>, delta: i64) -> Result<(), DbError> {
    let now = tx.now();
    diesel::insert_into(storage_gauges::table)
        .values(storage_gauges::since.eq(now))
        .on_conflict_do_nothing()
        .execute(tx.conn())?;
    let (bytes, since, remainder): (i64, DateTime<Utc>, i64) = storage_gauges::table
        .filter(storage_gauges::tenant_id.eq(tx.tenant()))
        .select((storage_gauges::bytes, storage_gauges::since, storage_gauges::remainder))
        .for_update()
        .first(tx.conn())?;
    let (hours, remainder) = byte_hours(bytes, (now - since).num_seconds(), remainder)?;
    // Whole seconds only are counted; the rest of the last one is counted next time.
    let until = since + chrono::Duration::seconds((now - since).num_seconds().max(0));
    if hours > 0 {
        metering::record(tx, UsageId::new(now), Meter::StorageByteHours, hours)?;
    }
    let stored = bytes.checked_add(delta).filter(|bytes| *bytes >= 0);
    let stored = stored.ok_or_else(|| DbError::Corrupt("stored bytes out of range".into()))?;
    diesel::update(storage_gauges::table.filter(storage_gauges::tenant_id.eq(tx.tenant())))
        .set((
            storage_gauges::bytes.eq(stored),
            storage_gauges::since.eq(until),
            storage_gauges::remainder.eq(remainder),
        ))
        .execute(tx.conn())?;
    warn::near_limit(tx)
}

/// Byte-hours up to now that are not counted yet.
pub(crate) fn uncounted(tx: &mut TenantTx<'_>) -> Result<i64, DbError> {
    let now = tx.now();
    let gauge: Option<(i64, DateTime<Utc>, i64)> = storage_gauges::table
        .filter(storage_gauges::tenant_id.eq(tx.tenant()))
        .select((storage_gauges::bytes, storage_gauges::since, storage_gauges::remainder))
        .first(tx.conn())
        .optional()?;
    let Some((bytes, since, remainder)) = gauge else { return Ok(0) };
    byte_hours(bytes, (now - since).num_seconds(), remainder).map(|(hours, _)| hours)
}

/// Whole byte-hours of `bytes` kept for `seconds`, and the byte-seconds left over, given those left over before.
fn byte_hours(bytes: i64, seconds: i64, remainder: i64) -> Result<(i64, i64), DbError> {
    let total = i128::from(bytes) * i128::from(seconds.max(0)) + i128::from(remainder);
    let hours = i64::try_from(total / SECONDS_PER_HOUR).map_err(|e| DbError::Corrupt(e.to_string()))?;
    let left = i64::try_from(total % SECONDS_PER_HOUR).map_err(|e| DbError::Corrupt(e.to_string()))?;
    Ok((hours, left))
}

#[cfg(test)]
mod tests {
    use super::byte_hours;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_in_steps_gives_what_counting_at_once_gives(
            bytes in 0_i64..1_000_000_000_000, steps in proptest::collection::vec(0_i64..100_000, 1..30),
        ) {
            let at_once = byte_hours(bytes, steps.iter().sum(), 0).unwrap();
            let in_steps = steps.iter().fold((0, 0), |(hours, left), seconds| {
                let (more, left) = byte_hours(bytes, *seconds, left).unwrap();
                (hours + more, left)
            });
            prop_assert_eq!(at_once, in_steps);
        }
    }
}
