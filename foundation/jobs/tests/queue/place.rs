//! A database of its own for each test, and a job whose work the test decides.

use chrono::{DateTime, Utc};
use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use futures_util::future::BoxFuture;
use jobs::{Enqueue, Job, JobContext, JobError, Policy, Registry, Worker, WorkerConfig};
use kernel::{
    Actor, ManualClock, SharedClock,
    ids::{Id, TenantId},
    secrets::Secret,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use test_cluster::{Cluster, TestDatabase};

/// A migrated database with a clock that stands still.
pub(crate) struct Place {
    database: TestDatabase,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) db: Db,
}

impl Place {
    pub(crate) fn new() -> Self {
        let database = Cluster::get().database();
        // Ahead of PostgreSQL's clock, as the platform's may be.
        let clock = Arc::new(ManualClock::at("2030-01-01T00:10:00Z".parse().unwrap()));
        let shared: SharedClock = clock.clone();
        let mut config = DbConfig::new(database.app_url());
        (config.pool_size, config.wait) = (24, Duration::from_secs(30));
        let db = Db::new(&config, shared);
        Self { database, clock, db }
    }

    pub(crate) fn app_url(&self) -> Secret {
        Secret::new(self.database.app_url())
    }

    /// Runs statements that see and may do everything.
    pub(crate) fn sql(&self, sql: &str) {
        self.database.sql(sql);
    }

    /// The one value of a query, as text.
    pub(crate) fn ask(&self, sql: &str) -> String {
        self.database.ask(sql)
    }

    pub(crate) fn ask_time(&self, sql: &str) -> DateTime<Utc> {
        self.ask(&format!("to_char(({sql}), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")).parse().unwrap()
    }

    /// A new firm, of which only the head row exists.
    pub(crate) fn tenant(&self) -> TenantScope {
        let tenant = TenantId::new(Utc::now());
        self.sql(&format!("INSERT INTO heads (tenant_id) VALUES ('{}')", tenant.uuid()));
        TenantScope::grant(tenant, Actor::system("test"))
    }

    /// Leaves jobs `1..=count` for a tenant.
    pub(crate) async fn enqueue(&self, scope: &TenantScope, count: i64) {
        let all = move |tx: &mut TenantTx<'_>| (1..=count).try_for_each(|n| tx.enqueue(&Act { n }));
        self.db.tenant::<_, DbError, _>("test.enqueue", scope.clone(), all).await.unwrap();
    }

    pub(crate) async fn enqueue_once(&self, scope: &TenantScope, key: &'static str, at: DateTime<Utc>) {
        let one = move |tx: &mut TenantTx<'_>| tx.enqueue_once(&Act { n: 0 }, key, at);
        self.db.tenant::<_, DbError, _>("test.enqueue_once", scope.clone(), one).await.unwrap();
    }

    pub(crate) fn worker(&self, script: &Script) -> Worker {
        self.worker_with(script, WorkerConfig::default())
    }

    pub(crate) fn worker_with(&self, script: &Script, config: WorkerConfig) -> Worker {
        Worker::new(Registry::new(self.db.clone()).job::<Act>(Arc::clone(script)), config)
    }

    /// Lets the leases of all running jobs end now.
    pub(crate) fn expire_leases(&self) {
        self.sql("UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'running'");
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(chrono::Duration::seconds(seconds));
    }
}

/// What [`Act`] does: a future of the context and the job's number.
pub(crate) type Script =
    Arc<dyn for<'a> Fn(&'a JobContext<Act>, i64) -> BoxFuture<'a, Result<(), JobError>> + Send + Sync>;

/// Makes a script of a closure.
pub(crate) fn script<F>(act: F) -> Script
where
    F: for<'a> Fn(&'a JobContext<Act>, i64) -> BoxFuture<'a, Result<(), JobError>> + Send + Sync + 'static,
{
    Arc::new(act)
}

/// A script that does nothing and succeeds.
pub(crate) fn succeed() -> Script {
    script(|_, _| Box::pin(async { Ok(()) }))
}

/// A job of a tenant with a number.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Act {
    pub(crate) n: i64,
}

impl Job for Act {
    const KIND: &'static str = "test.act";
    const POLICY: Policy = Policy {
        max_attempts: 3,
        first_delay: Duration::from_secs(8),
        max_delay: Duration::from_mins(1),
        lease: Duration::from_mins(1),
    };
    type Scope = TenantScope;
    type Deps = Script;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        (context.deps())(context, self.n).await
    }
}
