//! One transaction, seen through the role it runs under.

use crate::{DbError, Tail, TenantScope};
use chrono::{DateTime, Utc};
use diesel::{PgConnection, connection::SimpleConnection, r2d2::ConnectionManager};
use kernel::{
    Actor,
    ids::{Id, TenantId},
};

pub(crate) type Pooled = r2d2::PooledConnection<ConnectionManager<PgConnection>>;

/// The database role of a transaction, with the tenant where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Tenant(TenantId),
    Auth,
    Platform,
    Public,
    Jobs,
}

impl Role {
    /// `SET LOCAL` statements; only typed values are written into them.
    pub(crate) fn settings(self) -> String {
        let (role, tenant, platform) = match self {
            Self::Tenant(tenant) => ("app_tenant", tenant.uuid().to_string(), ""),
            Self::Auth => ("app_auth", String::new(), ""),
            Self::Platform => ("app_platform", String::new(), "on"),
            Self::Public => ("app_public", String::new(), ""),
            Self::Jobs => ("app_jobs", String::new(), ""),
        };
        format!("SET LOCAL ROLE {role}; SET LOCAL app.tenant_id = '{tenant}'; SET LOCAL app.platform = '{platform}'")
    }
}

/// The transaction itself.
pub(crate) struct Session {
    pub(crate) conn: Pooled,
    pub(crate) now: DateTime<Utc>,
    pub(crate) actor: Actor,
    role: Role,
    tails: Vec<(TenantId, Box<dyn Tail>)>,
    /// A role could not be restored: nothing more may be committed.
    poisoned: bool,
}

impl Session {
    pub(crate) fn new(conn: Pooled, now: DateTime<Utc>, actor: Actor, role: Role) -> Self {
        Self { conn, now, actor, role, tails: Vec::new(), poisoned: false }
    }

    /// Runs `work` under another role and comes back to the present one.
    fn step<T, E: From<DbError>>(&mut self, role: Role, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        if role == self.role {
            return work(self);
        }
        let before = self.role;
        self.change_role(role)?;
        let result = work(self);
        match (result, self.change_role(before)) {
            (Ok(value), Ok(())) => Ok(value),
            (Ok(_), Err(error)) => Err(error.into()),
            (Err(error), Ok(())) => Err(error),
            (Err(error), Err(_)) => {
                self.poisoned = true;
                Err(error)
            }
        }
    }

    fn change_role(&mut self, role: Role) -> Result<(), DbError> {
        self.conn.batch_execute(&role.settings())?;
        self.role = role;
        Ok(())
    }

    /// Writes what was deferred, in tenant order and within a tenant in the order of deferring.
    pub(crate) fn write_tails(&mut self) -> Result<(), DbError> {
        if self.poisoned {
            return Err(DbError::Corrupt("a role could not be restored".into()));
        }
        let mut tails = std::mem::take(&mut self.tails);
        tails.sort_by_key(|(tenant, _)| *tenant);
        for (tenant, tail) in tails {
            self.step(Role::Tenant(tenant), |session| tail.write(&mut TenantTx { session, tenant }))?;
        }
        Ok(())
    }
}

macro_rules! transaction {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<'s> {
            session: &'s mut Session,
        }

        impl<'s> $name<'s> {
            pub(crate) const fn of(session: &'s mut Session) -> Self {
                Self { session }
            }

            /// Where queries run.
            pub fn conn(&mut self) -> &mut PgConnection {
                &mut self.session.conn
            }

            /// The instant of this transaction, by the platform's clock.
            pub const fn now(&self) -> DateTime<Utc> {
                self.session.now
            }

            /// Who acts.
            pub const fn actor(&self) -> &Actor {
                &self.session.actor
            }

            /// A new id of this instant.
            pub fn new_id<I: Id>(&self) -> I {
                I::new(self.session.now)
            }

            /// Runs `work` in a tenant within this same transaction.
            pub fn in_tenant<T, E: From<DbError>>(
                &mut self,
                scope: &TenantScope,
                work: impl FnOnce(&mut TenantTx<'_>) -> Result<T, E>,
            ) -> Result<T, E> {
                let tenant = scope.tenant();
                self.session.step(Role::Tenant(tenant), |session| work(&mut TenantTx { session, tenant }))
            }
        }
    };
}

transaction! {
    /// A transaction of the role that alone reads people, sessions and tokens.
    AuthTx
}
transaction! {
    /// A transaction of the platform: reads all tenants' rows of tables that say so, writes the platform's own.
    PlatformTx
}
transaction! {
    /// A transaction of visitors: reads public tables.
    PublicTx
}
transaction! {
    /// A transaction of the job queue.
    JobsTx
}

impl JobsTx<'_> {
    /// Runs `work` as the platform within this same transaction.
    pub fn in_platform<T, E: From<DbError>>(
        &mut self,
        work: impl FnOnce(&mut PlatformTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.session.step(Role::Platform, |session| work(&mut PlatformTx { session }))
    }

    /// Runs `work` as the role of people and sessions within this same transaction.
    pub fn in_auth<T, E: From<DbError>>(&mut self, work: impl FnOnce(&mut AuthTx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.session.step(Role::Auth, |session| work(&mut AuthTx { session }))
    }
}

/// A transaction that sees one tenant's rows.
pub struct TenantTx<'s> {
    session: &'s mut Session,
    tenant: TenantId,
}

impl<'s> TenantTx<'s> {
    pub(crate) const fn of(session: &'s mut Session, tenant: TenantId) -> Self {
        Self { session, tenant }
    }

    /// Where queries run. Every statement on a tenant table also names [`TenantTx::tenant`].
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.session.conn
    }

    /// The instant of this transaction, by the platform's clock.
    pub const fn now(&self) -> DateTime<Utc> {
        self.session.now
    }

    /// Who acts.
    pub const fn actor(&self) -> &Actor {
        &self.session.actor
    }

    /// The tenant.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// A new id of this instant.
    pub fn new_id<I: Id>(&self) -> I {
        I::new(self.session.now)
    }

    /// Leaves a write on this tenant's head row for the end of the transaction.
    pub fn defer(&mut self, tail: Box<dyn Tail>) {
        self.session.tails.push((self.tenant, tail));
    }

    /// Runs `work` so that its refusal takes back all it wrote and deferred, while the transaction goes on.
    pub fn attempt<T, E: From<DbError>>(
        &mut self,
        work: impl FnOnce(&mut TenantTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let deferred = self.session.tails.len();
        self.session.conn.batch_execute("SAVEPOINT attempt").map_err(DbError::from)?;
        let result = work(self);
        let end = if result.is_ok() { "RELEASE SAVEPOINT attempt" } else { "ROLLBACK TO SAVEPOINT attempt" };
        if result.is_err() {
            self.session.tails.truncate(deferred);
        }
        self.session.conn.batch_execute(end).map_err(DbError::from)?;
        result
    }

    /// Runs `work` in another tenant within this same transaction, as the other party of an order must.
    pub fn in_tenant<T, E: From<DbError>>(
        &mut self,
        scope: &TenantScope,
        work: impl FnOnce(&mut TenantTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let tenant = scope.tenant();
        self.session.step(Role::Tenant(tenant), |session| work(&mut TenantTx { session, tenant }))
    }

    /// Runs `work` as the role that reads people and sessions, within this same transaction.
    pub fn in_auth<T, E: From<DbError>>(&mut self, work: impl FnOnce(&mut AuthTx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.session.step(Role::Auth, |session| work(&mut AuthTx { session }))
    }
}
