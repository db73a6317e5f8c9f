use crate::Job;
use chrono::{DateTime, Utc};
use db::{AuthTx, DbError, JobsTx, Keep, PlatformTx, TenantScope, TenantTx, schema::jobs};
use diesel::{
    PgConnection,
    prelude::*,
    sql_query,
    sql_types::{Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::ids::{Id, JobId, TenantId};

/// Transactions that can leave work for the worker, done only if they commit.
pub trait Enqueue {
    #[doc(hidden)]
    fn insert_job(&mut self, row: NewJob) -> Result<(), DbError>;
    #[doc(hidden)]
    fn instant(&self) -> DateTime<Utc>;
    #[doc(hidden)]
    fn own_tenant(&self) -> Option<TenantId>;

    /// Leaves a job to be run as soon as possible, for the transaction's tenant if it has one.
    fn enqueue<J: Job>(&mut self, job: &J) -> Result<(), DbError> {
        let (tenant, at) = (self.own_tenant(), self.instant());
        self.insert_job(NewJob::of(job, tenant, at, self.instant(), None)?)
    }

    /// Leaves a job to be run at `at` or soon after.
    fn enqueue_at<J: Job>(&mut self, job: &J, at: DateTime<Utc>) -> Result<(), DbError> {
        let tenant = self.own_tenant();
        self.insert_job(NewJob::of(job, tenant, at, self.instant(), None)?)
    }

    /// Leaves a job unless one of its kind with the same key waits or is dead; one that waits for its first attempt runs no
    /// later than `at`.
    ///
    /// No change is missed: a job that runs already may have read its data before, so another is left, to start when that one
    /// has ended; and one that waits is not started before this transaction ends. So the key names the object that changed,
    /// not something many transactions share, and the job looks at the object's state instead of trusting its payload. A dead
    /// one stands for the later change too: an administrator will have it run.
    fn enqueue_once<J: Job>(&mut self, job: &J, key: impl std::fmt::Display, at: DateTime<Utc>) -> Result<(), DbError>
    where
        Self: Sized,
    {
        let tenant = self.own_tenant();
        self.insert_job(NewJob::of(job, tenant, at, self.instant(), Some(key.to_string()))?)
    }
}

/// Transactions of no single tenant that find work for one: sweepers, the inbox of a provider.
pub trait EnqueueFor: Enqueue {
    /// Leaves a tenant's job as [`Enqueue::enqueue_once`] does.
    fn enqueue_for<J: Job<Scope = TenantScope>>(
        &mut self,
        tenant: TenantId,
        job: &J,
        key: impl std::fmt::Display,
    ) -> Result<(), DbError>
    where
        Self: Sized,
    {
        let at = self.instant();
        self.insert_job(NewJob::of(job, Some(tenant), at, at, Some(key.to_string()))?)
    }

    /// Leaves a tenant's job that a sweeper found to be needed, unless one waits. One that has been dead for an hour is tried anew:
    /// whatever a sweeper comes for again and again must not wait for an administrator.
    fn enqueue_swept<J: Job<Scope = TenantScope>>(&mut self, tenant: TenantId, job: &J) -> Result<(), DbError>
    where
        Self: Sized,
    {
        let at = self.instant();
        let row = NewJob::of(job, Some(tenant), at, at, Some("sweep".to_owned()))?;
        self.insert_job(NewJob { revives: true, ..row })
    }
}

impl EnqueueFor for PlatformTx<'_> {}
impl EnqueueFor for JobsTx<'_> {}
impl EnqueueFor for AuthTx<'_> {}

#[doc(hidden)]
#[derive(Insertable)]
#[diesel(table_name = jobs)]
pub struct NewJob {
    id: JobId,
    kind: &'static str,
    for_tenant: Option<TenantId>,
    payload: serde_json::Value,
    dedupe_key: Option<String>,
    run_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    /// Whether one with its key that is dead is tried again.
    #[diesel(skip_insertion)]
    revives: bool,
}

impl NewJob {
    fn of<J: Job>(
        job: &J,
        tenant: Option<TenantId>,
        run_at: DateTime<Utc>,
        now: DateTime<Utc>,
        key: Option<String>,
    ) -> Result<Self, DbError> {
        let payload = serde_json::to_value(job).map_err(|e| DbError::Corrupt(e.to_string()))?;
        // The key is shared by all tenants, so a tenant's own begins with its id.
        let dedupe_key = key.map(|key| match tenant {
            Some(tenant) => format!("{tenant} {key}"),
            None => key,
        });
        Ok(Self {
            id: JobId::new(now),
            kind: J::KIND,
            for_tenant: tenant,
            payload,
            dedupe_key,
            run_at,
            created_at: now,
            revives: false,
        })
    }

    fn insert(&self, conn: &mut PgConnection) -> Result<(), DbError> {
        if self.dedupe_key.is_none() {
            diesel::insert_into(jobs::table).values(self).kept().execute(conn)?;
            return Ok(());
        }
        let function = if self.revives { "enqueue_swept" } else { "enqueue_once" };
        sql_query(format!("SELECT {function}($1, $2, $3, $4, $5, $6, $7)"))
            .bind::<SqlUuid, _>(self.id)
            .bind::<Text, _>(self.kind)
            .bind::<Nullable<SqlUuid>, _>(self.for_tenant)
            .bind::<Jsonb, _>(&self.payload)
            .bind::<Nullable<Text>, _>(&self.dedupe_key)
            .bind::<Timestamptz, _>(self.run_at)
            .bind::<Timestamptz, _>(self.created_at)
            .execute(conn)?;
        Ok(())
    }
}

macro_rules! enqueue_from {
    ($($tx:ident => $tenant:expr;)+) => {
        $(impl Enqueue for $tx<'_> {
            fn insert_job(&mut self, row: NewJob) -> Result<(), DbError> {
                row.insert(self.conn())
            }
            fn instant(&self) -> DateTime<Utc> {
                self.now()
            }
            fn own_tenant(&self) -> Option<TenantId> {
                let tenant: fn(&Self) -> Option<TenantId> = $tenant;
                tenant(self)
            }
        })+
    };
}

enqueue_from! {
    TenantTx => |tx| Some(tx.tenant());
    AuthTx => |_| None;
    PlatformTx => |_| None;
    JobsTx => |_| None;
}
