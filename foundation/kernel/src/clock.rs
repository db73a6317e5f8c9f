//! Time as a parameter: business time never comes from anywhere but a [`Clock`].

use chrono::{DateTime, Duration, SubsecRound, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Tells the time, rounded to the microsecond, which is what PostgreSQL keeps.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
}

/// A clock that several owners read.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock, moved forward by a shift that is zero unless somebody advances it.
#[derive(Debug, Default)]
pub struct SystemClock {
    shift_micros: AtomicI64,
}

impl SystemClock {
    /// The machine's clock plus `shift`.
    pub fn shifted(shift: Duration) -> Self {
        Self { shift_micros: AtomicI64::new(shift.num_microseconds().unwrap_or_default()) }
    }

    /// Moves the clock forward; a negative step is ignored, because time that has been seen must not come again.
    pub fn advance(&self, step: Duration) {
        let micros = step.num_microseconds().unwrap_or_default().max(0);
        self.shift_micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// How far this clock is ahead of the machine's.
    pub fn shift(&self) -> Duration {
        Duration::microseconds(self.shift_micros.load(Ordering::SeqCst))
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        (Utc::now() + self.shift()).trunc_subsecs(6)
    }
}

/// A clock that stands still until told otherwise, for tests.
#[derive(Debug)]
pub struct ManualClock {
    micros: AtomicI64,
}

impl ManualClock {
    /// A clock standing at `at`.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self { micros: AtomicI64::new(at.timestamp_micros()) }
    }

    /// Moves the clock by `step`.
    pub fn advance(&self, step: Duration) {
        self.micros.fetch_add(step.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.micros.load(Ordering::SeqCst)).unwrap_or_default()
    }
}
