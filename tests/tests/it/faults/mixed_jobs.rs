//! T12: jobs of several firms, eight at once, many of which fail at first: each works for the tenant of its row, whatever its
//! payload says.

use chrono::Duration;
use db::{DbError, TenantScope, TenantTx};
use futures_util::future::join_all;
use jobs::{Emit, Enqueue, Event, Job, JobContext, JobError, Policy, Registry, Worker, WorkerConfig};
use kernel::{Actor, ids::TenantId};
use serde::{Deserialize, Serialize};
use std::time::Duration as StdDuration;
use tests::TestApp;

const JOBS: u32 = 1_000;

/// Notes its number in the tenant's event log.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    number: u32,
    /// Another tenant's id, which counts for nothing.
    tenant_id: String,
}

#[derive(Serialize)]
struct Noted {
    number: u32,
}

impl Event for Noted {
    const TYPE: &'static str = "test.noted";
}

impl Job for Note {
    const KIND: &'static str = "test.note";
    const POLICY: Policy = Policy { max_attempts: 100, max_delay: StdDuration::from_secs(2), ..Policy::local() };
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let (number, luck) = (self.number, rand::random_range(0..4));
        if luck == 0 {
            return Err(JobError::retry("before it began"));
        }
        let work = move |tx: &mut TenantTx<'_>| {
            tx.emit(&Noted { number })?;
            match luck {
                1 => Err(DbError::Corrupt("after it wrote".into())),
                2 if number % 3 == 0 => panic!("on purpose"),
                _ => Ok(()),
            }
        };
        Ok(context.tenant("test.note", work).await?)
    }
}

async fn enqueue(app: &TestApp, tenants: [TenantId; 4]) {
    for (at, tenant) in tenants.into_iter().enumerate() {
        let other = tenants[(at + 1) % 4].to_string();
        let scope = TenantScope::grant(tenant, Actor::system("test"));
        let first = u32::try_from(at).unwrap();
        let all = move |tx: &mut TenantTx<'_>| {
            (first..JOBS).step_by(4).try_for_each(|number| tx.enqueue(&Note { number, tenant_id: other.clone() }))
        };
        app.state.db.tenant::<_, DbError, _>("test.enqueue", scope, all).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_jobs_of_many_tenants_that_fail_at_random_work_for_their_own_tenant() {
    let mut app = TestApp::start().await;
    let firms = [app.firm("one").await, app.firm("two").await, app.firm("three").await, app.firm("four").await];
    let tenants = [0, 1, 2, 3].map(|at| firms[at].id.parse::<TenantId>().unwrap());
    enqueue(&app, tenants).await;
    let registry = Registry::new(app.state.db.clone()).job::<Note>(());
    let config = WorkerConfig { concurrency: 8, poll: StdDuration::from_millis(5), ..WorkerConfig::default() };
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(Worker::new(registry, config).run(async move {
        let _ = told.await;
    }));
    let left = "SELECT count(*) FROM jobs WHERE kind = 'test.note'";
    while app.count(left) > 0 {
        // Those that have failed come back after a while.
        app.clock.advance(Duration::seconds(1));
        tokio::task::yield_now().await;
    }
    tell.send(()).unwrap();
    assert_eq!(working.await.unwrap(), 0);
    let logs = join_all(tenants.map(|tenant| noted(&app, tenant))).await;
    for (at, mut numbers) in (0..).zip(logs) {
        numbers.sort_unstable();
        assert_eq!(numbers, (at..JOBS).step_by(4).collect::<Vec<_>>(), "once each, in its own tenant");
    }
    app.forgive_dead_jobs();
    app.run_jobs().await;
}

async fn noted(app: &TestApp, tenant: TenantId) -> Vec<u32> {
    use db::schema::events;
    use diesel::prelude::*;
    let scope = TenantScope::grant(tenant, Actor::system("test"));
    let read = move |tx: &mut TenantTx<'_>| {
        let log = events::table.filter(events::tenant_id.eq(tx.tenant())).filter(events::kind.eq(Noted::TYPE));
        Ok::<_, DbError>(log.select(events::data).load::<serde_json::Value>(tx.conn())?)
    };
    let rows = app.state.db.tenant("test.read", scope, read).await.unwrap();
    rows.iter().map(|row| u32::try_from(row["object"]["number"].as_u64().unwrap()).unwrap()).collect()
}
