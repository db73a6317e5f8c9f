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
    /// The role that the code at work has.
    role: Role,
    /// The role that PostgreSQL has; it follows when the next statement is about to be sent.
    set: Role,
    tails: Vec<(TenantId, Box<dyn Tail>)>,
    /// A role could not be set: nothing more may be committed.
    poisoned: bool,
}

impl Session {
    pub(crate) fn new(conn: Pooled, now: DateTime<Utc>, actor: Actor, role: Role) -> Self {
        Self { conn, now, actor, role, set: role, tails: Vec::new(), poisoned: false }
    }

    /// Runs `work` under another role and comes back to the present one.
    fn step<T, E>(&mut self, role: Role, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let before = std::mem::replace(&mut self.role, role);
        let result = work(self);
        self.role = before;
        result
    }

    /// The connection, under the role of the code at work. Changing it is a round trip, so a role under which nothing is asked
    /// is never set. One that cannot be set leaves PostgreSQL's transaction failed, and with it every further statement.
    fn conn(&mut self) -> &mut PgConnection {
        if self.set != self.role {
            match self.conn.batch_execute(&self.role.settings()) {
                Ok(()) => self.set = self.role,
                Err(_) => self.poisoned = true,
            }
        }
        &mut self.conn
    }

    /// Writes what was deferred, in tenant order and within a tenant in the order of deferring.
    pub(crate) fn write_tails(&mut self) -> Result<(), DbError> {
        let mut tails = std::mem::take(&mut self.tails);
        tails.sort_by_key(|(tenant, _)| *tenant);
        for (tenant, tail) in tails {
            self.step(Role::Tenant(tenant), |session| tail.write(&mut TenantTx { session, tenant }))?;
        }
        if self.poisoned { Err(DbError::Corrupt("a role could not be set".into())) } else { Ok(()) }
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
                self.session.conn()
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
        self.session.conn()
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
        self.session.conn().batch_execute("SAVEPOINT attempt").map_err(DbError::from)?;
        let set = self.session.set;
        let result = work(self);
        let end = if result.is_ok() { "RELEASE SAVEPOINT attempt" } else { "ROLLBACK TO SAVEPOINT attempt" };
        if result.is_err() {
            self.session.tails.truncate(deferred);
            // The role goes back with all else.
            self.session.set = set;
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
