//! The platform's clock, which developers may move forward.

use crate::data_dir::DataDir;
use anyhow::Context;
use chrono::{DateTime, Duration, Utc};
use kernel::{Clock, SystemClock};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) const FILE: &str = "clock-shift";
/// The clock may be at most this far ahead; far enough for any test, near enough for every date format.
const SHIFT_MAX: Duration = Duration::days(365 * 100);

/// The machine's clock plus a shift that survives restarts, so that time never goes back.
#[derive(Debug)]
pub(crate) struct PlatformClock {
    clock: Arc<SystemClock>,
    dir: Arc<DataDir>,
    /// Held while a new shift is written.
    turn: Mutex<()>,
}

impl PlatformClock {
    /// The clock as it was left.
    pub(crate) fn open(dir: Arc<DataDir>) -> anyhow::Result<Self> {
        let micros = match dir.read(FILE)? {
            Some(text) => text.trim().parse().with_context(|| format!("{} is no number", dir.path(FILE).display()))?,
            None => 0,
        };
        let clock = Arc::new(SystemClock::shifted(Duration::microseconds(micros)));
        Ok(Self { clock, dir, turn: Mutex::new(()) })
    }

    /// The clock itself.
    pub(crate) fn clock(&self) -> Arc<SystemClock> {
        Arc::clone(&self.clock)
    }

    /// Now, and how far that is ahead of the machine's time.
    pub(crate) fn read(&self) -> (DateTime<Utc>, Duration) {
        (self.clock.now(), self.clock.shift())
    }

    /// Moves the clock forward, on disk first; `false` if that is further than it may go. Blocks on the disk.
    pub(crate) fn advance(&self, step: Duration) -> anyhow::Result<bool> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let shift = self.clock.shift().checked_add(&step).filter(|shift| *shift <= SHIFT_MAX);
        let Some(micros) = shift.and_then(|shift| shift.num_microseconds()) else { return Ok(false) };
        self.dir.write(FILE, &micros.to_string())?;
        self.clock.advance(step);
        Ok(true)
    }
}

impl PlatformClock {
    /// Lets nobody turn the clock while `instant` runs; returns how far it is ahead, in microseconds. Blocks.
    pub(crate) fn freeze<T>(&self, instant: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(i64, T)> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = self.clock.shift().num_microseconds().context("the clock is out of range")?;
        Ok((micros, instant()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shift_survives_and_is_bounded() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = Arc::new(DataDir::open(temporary.path()).unwrap());
        let clock = PlatformClock::open(Arc::clone(&dir)).unwrap();
        assert!(clock.advance(Duration::days(40)).unwrap());
        assert!(clock.advance(Duration::seconds(5)).unwrap());
        assert!(!clock.advance(SHIFT_MAX).unwrap());
        let shift = Duration::days(40) + Duration::seconds(5);
        assert_eq!(clock.read().1, shift);
        let again = PlatformClock::open(dir).unwrap();
        assert_eq!(again.read().1, shift);
        assert!(again.read().0 >= Utc::now() + Duration::days(40));
    }
}
