//! [`Db`]: permits, connections, and the life of one transaction.

use crate::{
    AuthTx, DbConfig, DbError, JobsTx, PlatformTx, PublicTx, SelfCheckError, TenantScope, TenantTx,
    config::with_limits,
    error::{commit_was_refused, is_conflict},
    self_check,
    tx::{Role, Session},
};
use diesel::{
    Connection, PgConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    r2d2::ConnectionManager,
    result::Error,
};
use kernel::{Actor, SharedClock};
use rand::Rng;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// Times the whole of a transaction is run again after PostgreSQL chose it as the loser of a conflict.
const CONFLICT_RETRIES: u32 = 3;

/// The longest pause before the first of them; it doubles with each.
const PAUSE: Duration = Duration::from_millis(10);

/// What the error of a transaction's code must be able to do: hold a database error, and show it as its source.
pub trait TxError: std::error::Error + From<DbError> + Send + 'static {}
impl<E: std::error::Error + From<DbError> + Send + 'static> TxError for E {}

/// The database, for everybody. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: r2d2::Pool<ConnectionManager<PgConnection>>,
    permits: Arc<Semaphore>,
    clock: SharedClock,
    wait: Duration,
    answer: Duration,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("pool", &self.pool.state()).finish_non_exhaustive()
    }
}

impl Db {
    /// Prepares the door; connections are opened when they are first needed.
    pub fn new(config: &DbConfig, clock: SharedClock) -> Self {
        let pool = r2d2::Pool::builder()
            .max_size(config.pool_size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            // Who has a permit waits for a new connection only, so both waits together stay short.
            .connection_timeout(config.wait / 2)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(ConnectionManager::new(with_limits(&config.url).expose()));
        let permits = Arc::new(Semaphore::new(usize::try_from(config.pool_size).unwrap_or(1)));
        Self { pool, permits, clock, wait: config.wait, answer: config.answer }
    }

    /// The platform's clock.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The same door by another clock: for telling a history as it happened.
    #[must_use]
    pub fn with_clock(&self, clock: SharedClock) -> Self {
        Self { clock, ..self.clone() }
    }

    /// Refuses a login role that could see past row-level security, and a schema this binary does not know.
    pub async fn self_check(&self) -> Result<(), SelfCheckError> {
        self.public("db.self_check", self_check::run).await
    }

    /// Runs one transaction in a tenant. `work` may run again from the start after a conflict, so it must not keep state.
    pub async fn tenant<T, E, F>(&self, name: &'static str, scope: TenantScope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut TenantTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let tenant = scope.tenant();
        let actor = scope.actor().clone();
        self.run(name, Role::Tenant(tenant), actor, move |session| work(&mut TenantTx::of(session, tenant))).await
    }

    /// Runs one transaction as the role that reads people, sessions and tokens.
    pub async fn auth<T, E, F>(&self, name: &'static str, actor: Actor, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut AuthTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.run(name, Role::Auth, actor, move |session| work(&mut AuthTx::of(session))).await
    }

    /// Runs one transaction of the platform.
    pub async fn platform<T, E, F>(&self, name: &'static str, actor: Actor, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut PlatformTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.run(name, Role::Platform, actor, move |session| work(&mut PlatformTx::of(session))).await
    }

    /// Runs one transaction of a visitor.
    pub async fn public<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut PublicTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let visitor = Actor::new(kernel::ActorKind::Visitor, "visitor");
        self.run(name, Role::Public, visitor, move |session| work(&mut PublicTx::of(session))).await
    }

    /// Runs one transaction of the job queue.
    pub async fn jobs<T, E, F>(&self, name: &'static str, actor: Actor, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut JobsTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.run(name, Role::Jobs, actor, move |session| work(&mut JobsTx::of(session))).await
    }

    async fn run<T, E, F>(&self, name: &'static str, role: Role, actor: Actor, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut Session) -> Result<T, E> + Send + 'static,
    {
        let started = Instant::now();
        let permit = tokio::time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(DbError::Busy)?;
        // In traces only: a line of the log belongs to its request or job.
        let span = tracing::info_span!(
            target: "traces",
            "transaction",
            otel.name = name,
            otel.kind = "client",
            db.system.name = "postgresql"
        );
        let (db, within) = (self.clone(), tracing::Span::current());
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            within.in_scope(|| span.in_scope(|| db.attempt(name, role, &actor, &work)))
        });
        let result = match tokio::time::timeout(self.answer, task).await {
            Ok(ended) => ended.unwrap_or_else(|_| Err(DbError::Panicked.into())),
            // The connection, and its permit, stay with the thread until the server answers or the network says it is gone.
            Err(_) => Err(DbError::CommitUnknown(Error::QueryBuilderError("no answer in time".into())).into()),
        };
        let outcome = if result.is_ok() { "ok" } else { "error" };
        metrics::histogram!("db_transaction_seconds", "name" => name, "outcome" => outcome).record(started.elapsed());
        result
    }

    /// Runs the transaction, and again after a conflict.
    fn attempt<T, E: TxError>(
        &self,
        name: &'static str,
        role: Role,
        actor: &Actor,
        work: &dyn Fn(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut retries = 0;
        loop {
            match self.once(role, actor, work) {
                Err(error) if retries < CONFLICT_RETRIES && has_conflict(&error) => {
                    retries += 1;
                    metrics::counter!("db_conflicts_total", "name" => name).increment(1);
                    // Two that met once would meet again if they went on at the same moment.
                    std::thread::sleep(rand::rng().random_range(Duration::ZERO..PAUSE * (1 << retries)));
                }
                result => return result,
            }
        }
    }

    fn once<T, E: TxError>(
        &self,
        role: Role,
        actor: &Actor,
        work: &dyn Fn(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.pool.get().map_err(DbError::Unavailable)?;
        begin(&mut conn, role)?;
        let mut session = Session::new(conn, self.clock.now(), actor.clone(), role);
        let result = work(&mut session).and_then(|value| {
            session.write_tails()?;
            Ok(value)
        });
        match result {
            Ok(value) => {
                commit(&mut session.conn)?;
                Ok(value)
            }
            Err(error) => {
                // A connection that cannot even roll back is dropped by the pool, which ends its transaction.
                let _ = AnsiTransactionManager::rollback_transaction(&mut *session.conn);
                Err(error)
            }
        }
    }
}

/// BEGIN and the role in one message: one round trip.
fn begin(conn: &mut PgConnection, role: Role) -> Result<(), DbError> {
    let opening = format!("BEGIN; {}", role.settings());
    AnsiTransactionManager::begin_transaction_sql(conn, &opening).map_err(|error| {
        // BEGIN may have taken effect before a later part failed, which diesel does not know.
        let _ = conn.batch_execute("ROLLBACK");
        DbError::Query(error)
    })
}

fn commit(conn: &mut PgConnection) -> Result<(), DbError> {
    <PgConnection as Connection>::TransactionManager::commit_transaction(conn)
        .map_err(|error| if commit_was_refused(&error) { DbError::Query(error) } else { DbError::CommitUnknown(error) })
}

/// Whether a conflict that a new run may avoid is anywhere among an error's sources.
fn has_conflict(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |e| e.source()).filter_map(|e| e.downcast_ref::<Error>()).any(is_conflict)
}
