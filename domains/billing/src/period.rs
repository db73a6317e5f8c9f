//! Calendar months of a time zone, as instants.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A half-open span of time: from `start` to just before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First instant.
    pub start: DateTime<Utc>,
    /// First instant after.
    pub end: DateTime<Utc>,
}

impl Period {
    /// The rest of the calendar month in which `at` lies: where a subscription begins.
    pub fn rest_of_month(at: DateTime<Utc>, zone: Tz) -> Self {
        Self { start: at, end: next_month(at, zone) }
    }

    /// The month that follows this period.
    #[must_use]
    pub fn following(self, zone: Tz) -> Self {
        Self { start: self.end, end: next_month(self.end, zone) }
    }

    /// The month's name, for example `2026-11`, in the zone.
    pub fn label(self, zone: Tz) -> String {
        self.start.with_timezone(&zone).format("%Y-%m").to_string()
    }
}

/// The first instant of the month after the one in which `at` lies.
fn next_month(at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    let (year, month) = if local.month() == 12 { (local.year() + 1, 1) } else { (local.year(), local.month() + 1) };
    let midnight = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default().and_time(NaiveTime::MIN);
    // Where clocks skip midnight, the month begins when they show the next existing time.
    let first =
        (0..=4).find_map(|quarter| zone.from_local_datetime(&(midnight + Duration::minutes(30 * quarter))).earliest());
    first.map_or_else(|| midnight.and_utc(), |first| first.with_timezone(&Utc))
}

/// A tenant's time zone; UTC if its name is unknown to this version of the time zone data.
pub(crate) fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_ends_at_midnight_of_the_tenants_zone() {
        let period = Period::rest_of_month(utc("2026-11-23T08:30:00Z"), Tz::Asia__Shanghai);
        assert_eq!(period.end, utc("2026-11-30T16:00:00Z"));
        assert_eq!(period.following(Tz::Asia__Shanghai).end, utc("2026-12-31T16:00:00Z"));
        assert_eq!(period.label(Tz::Asia__Shanghai), "2026-11");
    }

    #[test]
    fn the_last_evening_utc_is_already_next_month_in_china() {
        let period = Period::rest_of_month(utc("2026-11-30T16:00:00Z"), Tz::Asia__Shanghai);
        assert_eq!((period.label(Tz::Asia__Shanghai).as_str(), period.end), ("2026-12", utc("2026-12-31T16:00:00Z")));
    }

    proptest! {
        #[test]
        fn periods_follow_without_gap_and_last_a_month(seconds in 0_i64..4_000_000_000, index in 0_usize..590) {
            let zone = chrono_tz::TZ_VARIANTS[index % chrono_tz::TZ_VARIANTS.len()];
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let first = Period::rest_of_month(at, zone);
            let second = first.following(zone);
            prop_assert!(first.start < first.end && first.end - first.start <= Duration::days(32));
            prop_assert_eq!(first.end, second.start);
            prop_assert!((27..=32).contains(&(second.end - second.start).num_days()));
        }
    }
}
