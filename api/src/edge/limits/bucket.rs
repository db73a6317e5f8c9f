//! One bucket: the generic cell rate algorithm (GCRA), which keeps a single instant.

/// So many requests within so many seconds; all of them may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) quota: u32,
    pub(crate) window_seconds: u32,
}

/// What a bucket says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) admitted: bool,
    /// Requests that may follow at once.
    pub(super) remaining: u32,
    /// Microseconds until there is one more.
    pub(super) more_in: i64,
}

impl Rate {
    /// Microseconds after which one request more is granted.
    fn interval(self) -> i64 {
        (i64::from(self.window_seconds) * 1_000_000 / i64::from(self.quota.max(1))).max(1)
    }

    /// Microseconds after which an empty bucket is full.
    pub(super) fn span(self) -> i64 {
        self.interval() * i64::from(self.quota)
    }

    /// Asks a bucket that is full again at `full_at` for one request, and tells when it is full after that.
    pub(super) fn take(self, full_at: i64, now: i64) -> (i64, Verdict) {
        let (interval, span) = (self.interval(), self.span());
        // A clock that was set back, or a quota that has shrunk, keeps nobody out for longer than an empty bucket does.
        let full_at = full_at.clamp(now, now + span);
        let after = full_at + interval;
        let credit = now + span - after;
        if credit < 0 {
            return (full_at, Verdict { admitted: false, remaining: 0, more_in: -credit });
        }
        let remaining = u32::try_from(credit / interval).unwrap_or(u32::MAX);
        let more_in = interval - credit % interval;
        (after, Verdict { admitted: true, remaining, more_in })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn the_quota_may_come_at_once_and_comes_back_evenly() {
        let rate = Rate { quota: 4, window_seconds: 60 };
        let mut full_at = 0;
        let mut ask = |now: i64| {
            let (after, verdict) = rate.take(full_at, now);
            full_at = after;
            (verdict.admitted, verdict.remaining, verdict.more_in / SECOND)
        };
        assert_eq!(ask(0), (true, 3, 15));
        assert_eq!(ask(0), (true, 2, 15));
        assert_eq!(ask(SECOND), (true, 1, 14));
        assert_eq!(ask(SECOND), (true, 0, 14));
        assert_eq!(ask(SECOND), (false, 0, 14));
        assert_eq!(ask(14 * SECOND), (false, 0, 1));
        assert_eq!(ask(15 * SECOND), (true, 0, 15));
        assert_eq!(ask(3600 * SECOND), (true, 3, 15));
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_out_for_longer_than_the_window() {
        let rate = Rate { quota: 2, window_seconds: 10 };
        let (full_at, _) = rate.take(1_000_000 * SECOND, 1_000_000 * SECOND);
        let (full_at, verdict) = rate.take(full_at, 0);
        assert_eq!((verdict.admitted, verdict.more_in), (false, 5 * SECOND));
        assert!(rate.take(full_at, 5 * SECOND).1.admitted);
    }

    #[test]
    fn a_smaller_quota_takes_effect_at_once() {
        let (large, small) = (Rate { quota: 100, window_seconds: 60 }, Rate { quota: 2, window_seconds: 60 });
        let (full_at, _) = (0..100).fold((0, None), |(full_at, _), _| {
            let (after, verdict) = large.take(full_at, 0);
            (after, Some(verdict))
        });
        assert!(!small.take(full_at, 0).1.admitted);
        assert!(small.take(full_at, 30 * SECOND).1.admitted);
    }

    /// Against a model that remembers every admitted request: a bucket of `quota` that regains one each interval.
    #[test]
    fn it_agrees_with_a_bucket_that_counts() {
        let rate = Rate { quota: 7, window_seconds: 3 };
        let interval = rate.interval();
        let (mut full_at, mut now, mut seed) = (0, 0_i64, 12_345_u64);
        let mut debts: VecDeque<i64> = VecDeque::new();
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            now += i64::try_from(seed >> 45).unwrap_or_default();
            while debts.front().is_some_and(|paid_at| *paid_at <= now) {
                debts.pop_front();
            }
            let (after, verdict) = rate.take(full_at, now);
            full_at = after;
            assert_eq!(verdict.admitted, debts.len() < 7, "at {now}");
            if verdict.admitted {
                debts.push_back(debts.back().copied().unwrap_or(now).max(now) + interval);
                assert_eq!(usize::try_from(verdict.remaining).unwrap(), 7 - debts.len());
            }
        }
    }
}
