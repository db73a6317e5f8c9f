use crate::{JobContext, JobError};
use db::TenantScope;
use kernel::{Actor, ids::TenantId};
use rand::Rng;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, time::Duration};

/// How a job is repeated.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Attempts before the job is put aside as dead.
    pub max_attempts: i32,
    /// Wait before the second attempt; doubles with each further one, with a quarter of jitter.
    pub first_delay: Duration,
    /// The longest wait between attempts.
    pub max_delay: Duration,
    /// How long a lease lasts without a heartbeat.
    pub lease: Duration,
}

impl Policy {
    /// For work inside our own database: quick to repeat.
    pub const fn local() -> Self {
        Self {
            max_attempts: 25,
            first_delay: Duration::from_secs(1),
            max_delay: Duration::from_mins(10),
            lease: Duration::from_secs(30),
        }
    }

    /// For calls to somebody else: patient.
    pub const fn remote() -> Self {
        Self {
            max_attempts: 40,
            first_delay: Duration::from_secs(5),
            max_delay: Duration::from_hours(1),
            lease: Duration::from_mins(1),
        }
    }

    /// How long to wait after the failed attempt of this number, from 1: up to a quarter less than the full wait, so that
    /// jobs which failed together do not come back together.
    pub fn delay(&self, attempt: i32) -> Duration {
        let full = self.full_delay(attempt);
        full.saturating_sub(rand::rng().random_range(Duration::ZERO..=full / 4))
    }

    fn full_delay(&self, attempt: i32) -> Duration {
        let doublings = attempt.saturating_sub(1).clamp(0, 31);
        self.first_delay.saturating_mul(1 << doublings).min(self.max_delay)
    }
}

/// One kind of background work. The value is its payload: ids only.
///
/// The documentation of each job answers: Enqueued by / Repeats / Order / Gives up.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `<domain>.<verb>`, unique.
    const KIND: &'static str;
    /// How it is repeated.
    const POLICY: Policy;
    /// [`TenantScope`] for the work of one tenant, [`PlatformScope`] for work over all.
    type Scope: JobScope;
    /// What it needs from outside the database: a mailer, a gateway, an object store.
    type Deps: Clone + Send + Sync + 'static;

    /// Does the work. Repeating it after a crash at any point must be safe.
    fn run(self, context: &JobContext<Self>) -> impl Future<Output = Result<(), JobError>> + Send
    where
        Self: Sized;
}

/// For whom a job works.
pub trait JobScope: Clone + Send + Sync + 'static {
    /// The scope of a claimed row; `None` if the row does not fit.
    fn of(tenant: Option<TenantId>, actor: Actor) -> Option<Self>;
}

impl JobScope for TenantScope {
    fn of(tenant: Option<TenantId>, actor: Actor) -> Option<Self> {
        tenant.map(|tenant| Self::grant(tenant, actor))
    }
}

/// Work of the platform over all tenants.
#[derive(Debug, Clone)]
pub struct PlatformScope {
    /// Who acts: the job.
    pub actor: Actor,
}

impl JobScope for PlatformScope {
    fn of(tenant: Option<TenantId>, actor: Actor) -> Option<Self> {
        tenant.is_none().then_some(Self { actor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_wait_doubles_up_to_the_longest_and_loses_at_most_a_quarter(
            first in 1_u64..100_000,
            max in 1_u64..100_000_000,
            attempt in 1_i32..1_000,
        ) {
            let (first_delay, max_delay) = (Duration::from_millis(first), Duration::from_millis(max));
            let policy = Policy { first_delay, max_delay, ..Policy::local() };
            let full = u128::from(first).saturating_mul(1 << (attempt - 1).min(31)).min(u128::from(max));
            let full = Duration::from_millis(u64::try_from(full).unwrap());
            let delay = policy.delay(attempt);
            prop_assert!(delay <= full && delay + full / 4 >= full, "{delay:?} of {full:?}");
        }
    }
}
