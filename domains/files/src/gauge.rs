//! Byte-hours: how much was stored for how long, counted whenever the amount changes.

use crate::{
    bucket::name_of,
    days::{self, Change, seconds},
    file::Locked,
    warn,
};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{file_versions, storage_gauges},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Nullable, Timestamptz},
};
use kernel::ids::{BucketId, Id, UsageId};
use metering::Meter;

const SECONDS_PER_HOUR: i128 = 3_600;

/// Counts the byte-hours since the last change, then changes the amounts stored in buckets, and with them the firm's. The limit
/// has been settled before: here the firm is told if it comes near it.
pub(crate) fn change(tx: &mut TenantTx<'_>, changes: &[Change<'_>]) -> Result<(), DbError> {
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
    // A transaction that began earlier may come later.
    let until = now.max(since);
    let (hours, remainder) = byte_hours(bytes, seconds(since, until), remainder)?;
    if hours > 0 {
        metering::record(tx, UsageId::new(now), Meter::StorageByteHours, hours)?;
    }
    let stored = changes.iter().try_fold(bytes, |sum, change| sum.checked_add(change.bytes)).filter(|sum| *sum >= 0);
    let stored = stored.ok_or_else(|| DbError::Corrupt("stored bytes out of range".into()))?;
    diesel::update(storage_gauges::table.filter(storage_gauges::tenant_id.eq(tx.tenant())))
        .set((
            storage_gauges::bytes.eq(stored),
            storage_gauges::since.eq(until),
            storage_gauges::remainder.eq(remainder),
        ))
        .execute(tx.conn())?;
    for change in changes {
        days::change(tx, until, change)?;
    }
    warn::near_limit(tx)
}

/// A locked file goes to another bucket, with all its versions.
pub(crate) fn carry(tx: &mut TenantTx<'_>, file: &Locked, to: BucketId) -> Result<(), DbError> {
    if file.bucket_id == to {
        return Ok(());
    }
    let bytes: i64 = file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::file_id.eq(file.id))
        .select(sql::<BigInt>("coalesce(sum(size_bytes), 0)::bigint"))
        .first(tx.conn())?;
    let (from, to) = (name_of(tx, file.bucket_id)?, name_of(tx, to)?);
    change(tx, &[Change::moved(&from, -bytes), Change::moved(&to, bytes)])
}

/// Notes that something may have to be deleted for good at `at`. The row is there: something is stored. It is changed in any
/// case, so that whoever looks for the next time meanwhile waits and sees what this transaction has done.
pub(crate) fn purge_by(tx: &mut TenantTx<'_>, at: DateTime<Utc>) -> Result<(), DbError> {
    let least = sql::<Nullable<Timestamptz>>("least(next_purge_at, ").bind::<Timestamptz, _>(at).sql(")");
    diesel::update(storage_gauges::table.filter(storage_gauges::tenant_id.eq(tx.tenant())))
        .set(storage_gauges::next_purge_at.eq(least))
        .execute(tx.conn())?;
    Ok(())
}

/// Locks the tenant's row.
pub(crate) fn lock(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let row = storage_gauges::table.filter(storage_gauges::tenant_id.eq(tx.tenant()));
    row.select(storage_gauges::tenant_id).for_update().execute(tx.conn())?;
    Ok(())
}

/// When the rules of the tenant's buckets run next.
pub(crate) fn next_lifecycle(tx: &mut TenantTx<'_>) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = storage_gauges::table.filter(storage_gauges::tenant_id.eq(tx.tenant()));
    let at: Option<Option<DateTime<Utc>>> =
        row.select(storage_gauges::next_lifecycle_at).first(tx.conn()).optional()?;
    Ok(at.flatten())
}

/// Sets when they run next, if that is still what it was.
pub(crate) fn plan_lifecycle(
    tx: &mut TenantTx<'_>,
    seen: Option<DateTime<Utc>>,
    next: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    let row = storage_gauges::table
        .filter(storage_gauges::tenant_id.eq(tx.tenant()))
        .filter(storage_gauges::next_lifecycle_at.is_not_distinct_from(seen));
    diesel::update(row).set(storage_gauges::next_lifecycle_at.eq(next)).execute(tx.conn())?;
    Ok(())
}

/// Has the rules of the tenant's buckets run soon.
pub(crate) fn run_lifecycle(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let now = tx.now();
    diesel::insert_into(storage_gauges::table)
        .values((storage_gauges::since.eq(now), storage_gauges::next_lifecycle_at.eq(now)))
        .on_conflict(storage_gauges::tenant_id)
        .do_update()
        .set(storage_gauges::next_lifecycle_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

/// Sets when to look again for what must be deleted for good.
pub(crate) fn set_next_purge(tx: &mut TenantTx<'_>, at: Option<DateTime<Utc>>) -> Result<(), DbError> {
    diesel::update(storage_gauges::table.filter(storage_gauges::tenant_id.eq(tx.tenant())))
        .set(storage_gauges::next_purge_at.eq(at))
        .execute(tx.conn())?;
    Ok(())
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
    byte_hours(bytes, seconds(since, now), remainder).map(|(hours, _)| hours)
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
