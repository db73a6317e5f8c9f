use crate::{JobContext, JobError};
use db::TenantScope;
use kernel::{Actor, ids::TenantId};
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
