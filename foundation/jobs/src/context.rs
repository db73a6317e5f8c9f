use crate::{Job, PlatformScope};
use db::{AuthTx, Db, DbError, JobsTx, PlatformTx, TenantScope, TenantTx, TxError, schema::jobs};
use diesel::prelude::*;
use kernel::{Actor, ActorKind, ids::JobId};
use uuid::Uuid;

/// The right to work on a job until its lease ends.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Changes with every claim, so that an earlier holder is recognised.
    pub token: Uuid,
}

impl Lease {
    /// Locks the job's row if the lease is still held, so that nobody claims the job until the transaction ends.
    pub fn check(&self, tx: &mut JobsTx<'_>) -> Result<(), DbError> {
        if self.is_held(tx)? { Ok(()) } else { Err(DbError::LeaseLost) }
    }

    pub(crate) fn is_held(&self, tx: &mut JobsTx<'_>) -> Result<bool, DbError> {
        let held: Option<Uuid> = jobs::table
            .filter(jobs::id.eq(self.job))
            .filter(jobs::lease_token.eq(self.token))
            .select(jobs::id)
            .for_update()
            .first(tx.conn())
            .optional()?;
        Ok(held.is_some())
    }

    fn actor(self) -> Actor {
        Actor::new(ActorKind::Job, self.job)
    }
}

/// What a running job has at hand.
#[derive(Debug)]
pub struct JobContext<J: Job> {
    db: Db,
    lease: Lease,
    scope: J::Scope,
    deps: J::Deps,
    attempt: i32,
}

impl<J: Job> JobContext<J> {
    /// The context of a claimed job.
    pub const fn new(db: Db, lease: Lease, scope: J::Scope, deps: J::Deps, attempt: i32) -> Self {
        Self { db, lease, scope, deps, attempt }
    }

    /// For whom the job works.
    pub const fn scope(&self) -> &J::Scope {
        &self.scope
    }

    /// What the job needs from outside the database.
    pub const fn deps(&self) -> &J::Deps {
        &self.deps
    }

    /// Which attempt this is, from 1.
    pub const fn attempt(&self) -> i32 {
        self.attempt
    }

    /// Whether a failure now would be the last.
    pub const fn is_last_attempt(&self) -> bool {
        self.attempt >= J::POLICY.max_attempts
    }

    /// The job's id, the same at every attempt.
    pub const fn job_id(&self) -> JobId {
        self.lease.job
    }

    /// The platform's clock.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.db.clock().now()
    }
}

impl<J: Job<Scope = TenantScope>> JobContext<J> {
    /// Runs a transaction in the job's tenant, refused if the lease is lost (INV-J2).
    pub async fn tenant<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut TenantTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (lease, scope) = (self.lease, self.scope.clone());
        self.db
            .jobs(name, lease.actor(), move |tx| {
                lease.check(tx)?;
                tx.in_tenant(&scope, &work)
            })
            .await
    }
}

impl<J: Job<Scope = PlatformScope>> JobContext<J> {
    /// Runs a transaction of the platform, refused if the lease is lost (INV-J2).
    pub async fn platform<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut PlatformTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let lease = self.lease;
        self.db
            .jobs(name, lease.actor(), move |tx| {
                lease.check(tx)?;
                tx.in_platform(&work)
            })
            .await
    }

    /// Runs a transaction over people, sessions and tokens, refused if the lease is lost (INV-J2).
    pub async fn auth<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut AuthTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let lease = self.lease;
        self.db
            .jobs(name, lease.actor(), move |tx| {
                lease.check(tx)?;
                tx.in_auth(&work)
            })
            .await
    }
}
