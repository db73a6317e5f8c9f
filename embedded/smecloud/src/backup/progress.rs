//! How far long work is, and whether it shall go on.

use anyhow::bail;
use std::time::{Duration, Instant};

const TELL_EVERY: Duration = Duration::from_secs(2);

/// Tells somebody about long work, and stops it when nobody wants it any more.
pub(crate) struct Progress<'a> {
    tell: &'a dyn Fn(&str),
    stopped: &'a dyn Fn() -> bool,
    step: &'static str,
    bytes: u64,
    told: Instant,
}

impl<'a> Progress<'a> {
    /// Work that ends early once `stopped` says so.
    pub(crate) fn new(tell: &'a dyn Fn(&str), stopped: &'a dyn Fn() -> bool) -> Self {
        Self { tell, stopped, step: "", bytes: 0, told: Instant::now() }
    }

    /// Work that nothing stops.
    pub(crate) fn unstoppable(tell: &'a dyn Fn(&str)) -> Self {
        Self::new(tell, &|| false)
    }

    /// The next step begins.
    pub(crate) fn step(&mut self, step: &'static str) {
        (self.step, self.told) = (step, Instant::now());
        (self.tell)(&format!("{step} ..."));
    }

    /// More bytes are done.
    pub(crate) fn add(&mut self, bytes: usize) -> anyhow::Result<()> {
        if (self.stopped)() {
            bail!("stopped before the end");
        }
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            (self.tell)(&format!("{} ... {}", self.step, megabytes(self.bytes)));
        }
        Ok(())
    }
}

/// A size for people.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopped_work_ends_at_its_next_byte() {
        let stop = std::cell::Cell::new(false);
        let stopped = || stop.get();
        let mut progress = Progress::new(&|_| {}, &stopped);
        progress.add(1_250_000).unwrap();
        assert_eq!(megabytes(progress.bytes), "1.2 MB");
        stop.set(true);
        assert!(progress.add(1).is_err());
    }
}
