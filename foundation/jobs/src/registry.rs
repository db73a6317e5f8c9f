//! Which kinds of jobs this program can run, and which of them it starts by the clock.

use crate::{Enqueue, Job, JobContext, JobError, JobScope, PlatformScope, Policy, queue::Claimed, schedule::Schedule};
use db::Db;
use futures_util::future::BoxFuture;
use kernel::{Actor, ActorKind};
use std::{sync::Arc, time::Duration};

/// All jobs and schedules of a program.
#[derive(Clone)]
pub struct Registry {
    db: Db,
    runners: Vec<(&'static str, Arc<dyn Runner>)>,
    schedules: Vec<Schedule>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("kinds", &self.kinds()).finish_non_exhaustive()
    }
}

impl Registry {
    /// Knows no job yet.
    pub const fn new(db: Db) -> Self {
        Self { db, runners: Vec::new(), schedules: Vec::new() }
    }

    /// Adds a kind of job, with what it needs from outside the database.
    #[must_use]
    pub fn job<J: Job>(mut self, deps: J::Deps) -> Self {
        self.runners.push((J::KIND, Arc::new(Typed::<J> { deps })));
        self
    }

    /// Starts a job of the platform once in each slot of `every`, counted from 1970-01-01T00:00Z by the platform's clock.
    ///
    /// Slots that nobody saw are not made up for, and a slot passes without a job while an earlier one waits or runs: such
    /// jobs look at the present state and need no more than one run.
    #[must_use]
    pub fn schedule<J: Job<Scope = PlatformScope>>(
        mut self,
        every: Duration,
        make: impl Fn() -> J + Send + Sync + 'static,
    ) -> Self {
        let enqueue = Arc::new(move |tx: &mut db::JobsTx<'_>, slot: chrono::DateTime<chrono::Utc>| {
            tx.enqueue_once(&make(), slot.to_rfc3339(), slot)
        });
        self.schedules.push(Schedule { kind: J::KIND, every, enqueue });
        self
    }

    /// Every registered kind, in the order of registration. Each must stand here once.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.runners.iter().map(|(kind, _)| *kind).collect()
    }

    /// Every scheduled kind with its interval.
    pub fn schedules(&self) -> Vec<(&'static str, Duration)> {
        self.schedules.iter().map(|schedule| (schedule.kind, schedule.every)).collect()
    }

    pub(crate) const fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn due(&self) -> Vec<Schedule> {
        self.schedules.clone()
    }

    pub(crate) fn policies(&self) -> Vec<(&'static str, Policy)> {
        self.runners.iter().map(|(kind, runner)| (*kind, runner.policy())).collect()
    }

    pub(crate) fn runner(&self, kind: &str) -> Option<Arc<dyn Runner>> {
        self.runners.iter().find(|(known, _)| *known == kind).map(|(_, runner)| Arc::clone(runner))
    }
}

/// The row does not fit its kind: no attempt can help.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Unrunnable {
    #[error("the payload is not one of this kind")]
    Payload,
    #[error("this kind needs a tenant and the row names none, or the other way round")]
    Scope,
}

/// A kind of job without its type.
pub(crate) trait Runner: Send + Sync {
    fn policy(&self) -> Policy;
    fn start(&self, db: &Db, claimed: Claimed) -> Result<BoxFuture<'static, Result<(), JobError>>, Unrunnable>;
}

struct Typed<J: Job> {
    deps: J::Deps,
}

impl<J: Job> Runner for Typed<J> {
    fn policy(&self) -> Policy {
        J::POLICY
    }

    fn start(&self, db: &Db, claimed: Claimed) -> Result<BoxFuture<'static, Result<(), JobError>>, Unrunnable> {
        let scope = J::Scope::of(claimed.for_tenant, Actor::new(ActorKind::Job, claimed.id));
        let scope = scope.ok_or(Unrunnable::Scope)?;
        let (lease, attempt) = (claimed.lease(), claimed.attempts);
        let job: J = serde_json::from_value(claimed.payload).map_err(|_| Unrunnable::Payload)?;
        let context = JobContext::<J>::new(db.clone(), lease, scope, self.deps.clone(), attempt);
        Ok(Box::pin(async move { job.run(&context).await }))
    }
}
