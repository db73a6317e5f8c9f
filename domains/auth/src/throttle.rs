//! Slows down whoever fails: a delay that doubles with each failure. Deadlines stand in the database, so all instances agree.

use chrono::{DateTime, Duration, Utc};
use db::{AuthTx, DbError, schema::log_in_throttle};
use diesel::prelude::*;
use kernel::secrets::digest;
use std::net::{IpAddr, Ipv6Addr};

/// How one kind of failure is slowed down.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Failures without consequence.
    pub free: i32,
    /// The delay after the first that is not free; doubles with each further one.
    pub first_delay: Duration,
    /// The longest delay.
    pub longest: Duration,
}

/// One account from one address.
pub const ACCOUNT: Pace = Pace { free: 5, first_delay: Duration::seconds(1), longest: Duration::minutes(15) };
/// One address, over all accounts.
pub const ADDRESS: Pace = Pace { free: 10, first_delay: Duration::seconds(1), longest: Duration::minutes(5) };
/// Mails sent on request to one address.
pub const MAIL: Pace = Pace { free: 3, first_delay: Duration::minutes(1), longest: Duration::hours(1) };

/// Mails to an address of somebody who does not show that it is theirs: three an hour, whatever happens.
pub const UNPROVEN_MAIL: Pace = Pace { free: 3, first_delay: Duration::hours(1), longest: Duration::hours(1) };

/// Failures are forgotten this long after the last delay ended.
const MEMORY: Duration = Duration::hours(1);

/// Too many failures: come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts")]
pub struct Throttled {
    /// Whole seconds to wait, at least one.
    pub seconds: u32,
}

impl Throttled {
    fn until(until: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { seconds: u32::try_from((until - now).num_seconds() + 1).unwrap_or(1).max(1) }
    }
}

/// What is throttled: stored as a digest, so the table names nobody.
#[derive(Debug, Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key made of these words.
    pub fn of(words: &[&str]) -> Self {
        Self(digest(&words.join("\n")).to_vec())
    }
}

/// Where somebody is, as far as it can be told apart: an IPv4 address, or an IPv6 network, since whoever has one address of
/// a /64 has them all.
pub fn origin(ip: Option<IpAddr>) -> String {
    match ip {
        None => String::new(),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).to_string(),
    }
}

impl Pace {
    /// The delay after this many failures.
    fn delay(&self, failures: i32) -> Duration {
        if failures < self.free {
            return Duration::zero();
        }
        let doublings = u32::try_from(failures - self.free).unwrap_or_default().min(20);
        self.longest.min(self.first_delay * 2_i32.saturating_pow(doublings))
    }
}

/// Whether something is slowed down at present.
pub fn check(tx: &mut AuthTx<'_>, key: &Key) -> Result<Result<(), Throttled>, DbError> {
    let now = tx.now();
    let until: Option<DateTime<Utc>> = log_in_throttle::table
        .filter(log_in_throttle::key.eq(&key.0))
        .filter(log_in_throttle::blocked_until.gt(now))
        .select(log_in_throttle::blocked_until)
        .first(tx.conn())
        .optional()?;
    Ok(until.map_or(Ok(()), |until| Err(Throttled::until(until, now))))
}

/// Counts an attempt before its outcome is known, so that many at once do not slip through; refused while slowed down.
/// A success takes it back with [`clear`].
pub fn charge(tx: &mut AuthTx<'_>, key: &Key, pace: &Pace) -> Result<Result<(), Throttled>, DbError> {
    let now = tx.now();
    // One statement makes the row or locks it: between two, a success elsewhere might remove it.
    let (failures, until, forgotten_at): (i32, DateTime<Utc>, DateTime<Utc>) =
        diesel::insert_into(log_in_throttle::table)
            .values((
                log_in_throttle::key.eq(&key.0),
                log_in_throttle::failures.eq(0),
                log_in_throttle::blocked_until.eq(now),
                log_in_throttle::forgotten_at.eq(now + MEMORY),
            ))
            .on_conflict(log_in_throttle::key)
            .do_update()
            .set(log_in_throttle::key.eq(&key.0))
            .returning((log_in_throttle::failures, log_in_throttle::blocked_until, log_in_throttle::forgotten_at))
            .get_result(tx.conn())?;
    let row = log_in_throttle::table.filter(log_in_throttle::key.eq(&key.0));
    if until > now {
        return Ok(Err(Throttled::until(until, now)));
    }
    let failures = if forgotten_at <= now { 1 } else { failures.saturating_add(1) };
    let until = now + pace.delay(failures);
    diesel::update(row)
        .set((
            log_in_throttle::failures.eq(failures),
            log_in_throttle::blocked_until.eq(until),
            log_in_throttle::forgotten_at.eq(until + MEMORY),
        ))
        .execute(tx.conn())?;
    Ok(Ok(()))
}

/// Forgets failures after a success.
pub fn clear(tx: &mut AuthTx<'_>, key: &Key) -> Result<(), DbError> {
    diesel::delete(log_in_throttle::table.filter(log_in_throttle::key.eq(&key.0))).execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let seconds = |failures| ACCOUNT.delay(failures).num_seconds();
        assert_eq!([1, 2, 3, 4, 99].map(|mails| UNPROVEN_MAIL.delay(mails).num_hours()), [0, 0, 1, 1, 1]);
        assert_eq!([1, 4, 5, 6, 7, 14, 15, 1_000_000].map(seconds), [0, 0, 1, 2, 4, 512, 900, 900]);
    }
}
