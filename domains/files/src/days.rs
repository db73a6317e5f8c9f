//! What each bucket holds and moves, day by day in UTC.
//!
//! There is a row for each day on which something changed: what was stored since when, and what is counted of the day until then.
//! Whatever is asked of any span follows from these rows exactly, to the second, so nothing need run at midnight.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use db::{DbError, TenantTx, schema::bucket_storage_days};
use diesel::prelude::*;

const SECONDS_PER_HOUR: i128 = 3_600;

/// What a transaction changes in a bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) bytes: i64,
    /// Files stored.
    pub(crate) stored: i64,
}

impl<'a> Change<'a> {
    /// A file is stored.
    pub(crate) const fn stored(bucket: &'a str, bytes: i64) -> Self {
        Self { bucket, bytes, stored: 1 }
    }

    /// Bytes come or go otherwise.
    pub(crate) const fn moved(bucket: &'a str, bytes: i64) -> Self {
        Self { bucket, bytes, stored: 0 }
    }
}

/// How much a bucket holds since an instant of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = bucket_storage_days)]
pub(crate) struct Level {
    pub(crate) day: NaiveDate,
    pub(crate) bytes: i64,
    since: DateTime<Utc>,
    byte_hours: i64,
    byte_seconds: i32,
    pub(crate) write_requests: i64,
}

impl Level {
    /// An empty bucket.
    pub(crate) fn empty(at: DateTime<Utc>) -> Self {
        Self { day: at.date_naive(), bytes: 0, since: at, byte_hours: 0, byte_seconds: 0, write_requests: 0 }
    }

    /// The row of the day of `at`, counted until then and with a change made.
    pub(crate) fn changed(&self, at: DateTime<Utc>, change: &Change<'_>) -> Result<Self, DbError> {
        let at = at.max(self.since);
        let day = at.date_naive();
        let counted = self.on(day, at);
        let number = |value: i128| i64::try_from(value).map_err(|error| DbError::Corrupt(error.to_string()));
        let bytes = self.bytes.checked_add(change.bytes).filter(|bytes| *bytes >= 0);
        let written = if day == self.day { self.write_requests } else { 0 };
        Ok(Self {
            day,
            bytes: bytes.ok_or_else(|| DbError::Corrupt("a bucket's bytes out of range".into()))?,
            since: at,
            byte_hours: number(counted / SECONDS_PER_HOUR)?,
            byte_seconds: i32::try_from(counted % SECONDS_PER_HOUR).unwrap_or_default(),
            write_requests: written + change.stored,
        })
    }

    /// Byte-seconds of a day, this one or a later one on which nothing changed, as far as it is over at `now`.
    pub(crate) fn on(&self, day: NaiveDate, now: DateTime<Utc>) -> i128 {
        let (from, counted) = if day == self.day {
            (self.since, i128::from(self.byte_hours) * SECONDS_PER_HOUR + i128::from(self.byte_seconds))
        } else {
            (begin(day), 0)
        };
        let until = day.checked_add_days(Days::new(1)).map_or(now, |next| begin(next).min(now));
        counted + i128::from(self.bytes) * i128::from(seconds(from, until))
    }
}

/// Where a day begins.
fn begin(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Ticks of whole seconds from one instant to a later one; those of two spans add up to those of both.
pub(crate) fn seconds(from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
    (until.timestamp() - from.timestamp()).max(0)
}

/// Counts what a bucket held until `at` and changes it. Whoever calls holds the row of the firm's gauge.
pub(crate) fn change(tx: &mut TenantTx<'_>, at: DateTime<Utc>, change: &Change<'_>) -> Result<(), DbError> {
    use bucket_storage_days as days;
    let last = last(tx, change.bucket)?.unwrap_or_else(|| Level::empty(at));
    let level = last.changed(at, change)?;
    let counted = (
        days::bytes.eq(level.bytes),
        days::since.eq(level.since),
        days::byte_hours.eq(level.byte_hours),
        days::byte_seconds.eq(level.byte_seconds),
        days::write_requests.eq(level.write_requests),
    );
    diesel::insert_into(days::table)
        .values((days::bucket.eq(change.bucket), days::day.eq(level.day), counted))
        .on_conflict((days::tenant_id, days::bucket, days::day))
        .do_update()
        .set(counted)
        .execute(tx.conn())?;
    Ok(())
}

fn last(tx: &mut TenantTx<'_>, bucket: &str) -> Result<Option<Level>, DbError> {
    Ok(bucket_storage_days::table
        .filter(bucket_storage_days::tenant_id.eq(tx.tenant()))
        .filter(bucket_storage_days::bucket.eq(bucket))
        .order(bucket_storage_days::day.desc())
        .select(Level::as_select())
        .first(tx.conn())
        .optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;
    use proptest::prelude::*;

    /// Five days.
    const SPAN: i64 = 5 * 86_400;

    fn at(second: i64) -> DateTime<Utc> {
        begin(NaiveDate::from_ymd_opt(2026, 12, 29).unwrap()) + Duration::seconds(second)
    }

    /// Byte-seconds of each of the five days, second by second.
    fn oracle(changes: &[(i64, i64)], now: i64) -> Vec<i128> {
        let mut days = vec![0; 5];
        let (mut held, mut next) = (0, 0);
        for second in 0..now {
            while next < changes.len() && changes[next].0 <= second {
                held += changes[next].1;
                next += 1;
            }
            days[usize::try_from(second / 86_400).unwrap()] += i128::from(held);
        }
        days
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn days_hold_what_an_oracle_counts_second_by_second(
            mut times in proptest::collection::vec((0..SPAN, any::<bool>()), 1..30),
            sizes in proptest::collection::vec(1_i64..1_000_000_000, 30),
            fraction in 0_i64..1_000,
            now in 0..SPAN,
        ) {
            // Some changes fall on midnight to the second.
            for (second, midnight) in &mut times {
                *second = if *midnight { *second / 86_400 * 86_400 } else { *second };
            }
            times.retain(|(second, _)| *second <= now);
            times.sort_unstable();
            let mut held = 0;
            let mut changes = Vec::new();
            for (number, (second, _)) in times.iter().enumerate() {
                let bytes = if number % 3 == 2 { -held / 2 } else { sizes[number] };
                held += bytes;
                changes.push((*second, bytes));
            }
            let mut rows: Vec<Level> = Vec::new();
            for (second, bytes) in &changes {
                let at = at(*second) + Duration::milliseconds(fraction);
                let last = rows.last().copied().unwrap_or_else(|| Level::empty(at));
                let level = last.changed(at, &Change::stored("b", *bytes)).unwrap();
                rows.retain(|row| row.day != level.day);
                rows.push(level);
            }
            let first = at(0).date_naive();
            let found: Vec<i128> = (0..5)
                .map(|offset| {
                    let day = first + Days::new(offset);
                    rows.iter().rev().find(|row| row.day <= day).map_or(0, |row| row.on(day, at(now)))
                })
                .collect();
            prop_assert_eq!(found, oracle(&changes, now));
            prop_assert_eq!(rows.iter().map(|row| row.write_requests).sum::<i64>(), i64::try_from(changes.len()).unwrap());
        }
    }

    #[test]
    fn a_clock_that_goes_back_counts_nothing_twice() {
        let level = Level::empty(at(100)).changed(at(100), &Change::stored("b", 10)).unwrap();
        let early = level.changed(at(40), &Change::moved("b", -10)).unwrap();
        assert_eq!((early.since, early.on(early.day, at(200))), (at(100), 0));
        assert!(early.changed(at(101), &Change::moved("b", -1)).is_err());
    }
}
