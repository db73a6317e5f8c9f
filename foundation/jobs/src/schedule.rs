//! Jobs started by the clock: at most one for each slot, however many workers look.

use chrono::{DateTime, Utc};
use db::{
    DbError, JobsTx,
    schema::{jobs, schedules},
};
use diesel::{dsl::exists, prelude::*, sql_query, sql_types};
use std::{collections::HashMap, sync::Arc, time::Duration};

type EnqueueSlot = dyn Fn(&mut JobsTx<'_>, DateTime<Utc>) -> Result<(), DbError> + Send + Sync;

/// A kind of job and how often it starts.
#[derive(Clone)]
pub(crate) struct Schedule {
    pub(crate) kind: &'static str,
    pub(crate) every: Duration,
    pub(crate) enqueue: Arc<EnqueueSlot>,
}

/// Leaves a job for each schedule whose newest slot nobody has taken.
pub(crate) fn tick(tx: &mut JobsTx<'_>, wanted: &[Schedule]) -> Result<(), DbError> {
    let seen: Vec<(String, DateTime<Utc>)> = schedules::table.load(tx.conn())?;
    let seen: HashMap<String, DateTime<Utc>> = seen.into_iter().collect();
    for schedule in wanted {
        let slot = slot(tx.now(), schedule.every);
        let untaken = seen.get(schedule.kind).is_none_or(|last| *last < slot);
        if untaken && take(tx, schedule.kind, slot)? && !is_under_way(tx, schedule.kind)? {
            (schedule.enqueue)(tx, slot)?;
        }
    }
    Ok(())
}

/// Whether this transaction is the one that takes the slot. Locks the row, so that a second one waits and then sees it taken.
fn take(tx: &mut JobsTx<'_>, kind: &str, slot: DateTime<Utc>) -> Result<bool, DbError> {
    let taken = sql_query(
        "INSERT INTO schedules (kind, last_slot) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE
         SET last_slot = excluded.last_slot WHERE schedules.last_slot < excluded.last_slot",
    )
    .bind::<sql_types::Text, _>(kind)
    .bind::<sql_types::Timestamptz, _>(slot)
    .execute(tx.conn())?;
    Ok(taken == 1)
}

fn is_under_way(tx: &mut JobsTx<'_>, kind: &str) -> Result<bool, DbError> {
    let alive = jobs::table.filter(jobs::kind.eq(kind)).filter(jobs::for_tenant.is_null());
    Ok(diesel::select(exists(alive.filter(jobs::state.ne("dead")))).get_result(tx.conn())?)
}

/// The newest slot that has begun at `now`.
fn slot(now: DateTime<Utc>, every: Duration) -> DateTime<Utc> {
    let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1);
    let micros = now.timestamp_micros();
    DateTime::from_timestamp_micros(micros - micros.rem_euclid(every)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_begin_at_multiples_since_the_epoch() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let hour = Duration::from_hours(1);
        assert_eq!(slot(at("2026-11-01T10:59:59.999999Z"), hour), at("2026-11-01T10:00:00Z"));
        assert_eq!(slot(at("2026-11-01T11:00:00Z"), hour), at("2026-11-01T11:00:00Z"));
        assert_eq!(slot(at("1969-12-31T23:59:59Z"), hour), at("1969-12-31T23:00:00Z"));
    }
}
