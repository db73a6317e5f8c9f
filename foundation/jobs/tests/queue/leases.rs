//! Who holds a job, and what happens when the holder dies or sleeps too long.

use crate::place::{Place, Script, script, succeed};
use db::{DbError, PlatformTx, TenantTx};
use jobs::{Emit, Enqueue, Event, Job, JobContext, JobError, PlatformScope, Policy, Registry, Worker, WorkerConfig};
use kernel::Actor;
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc};

#[derive(Serialize)]
struct Acted;

impl Event for Acted {
    const TYPE: &'static str = "act.acted";
}

/// Tells its attempt; the first attempt then waits for `go`; then emits an event and tells whether it could.
fn gated(go: &Arc<Notify>, started: &mpsc::UnboundedSender<i32>, wrote: &mpsc::UnboundedSender<bool>) -> Script {
    let (go, started, wrote) = (go.clone(), started.clone(), wrote.clone());
    script(move |context, _| {
        let (go, started, wrote) = (go.clone(), started.clone(), wrote.clone());
        Box::pin(async move {
            started.send(context.attempt()).unwrap();
            if context.attempt() == 1 {
                go.notified().await;
            }
            let emit = |tx: &mut TenantTx<'_>| tx.emit(&Acted);
            let result = context.tenant::<_, DbError, _>("test.emit", emit).await;
            wrote.send(result.is_ok()).unwrap();
            Ok(result?)
        })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_claimers_run_each_of_five_hundred_jobs_once() {
    let place = Place::new();
    for _ in 0..5 {
        place.enqueue(&place.tenant(), 100).await;
    }
    let (ran, mut seen) = mpsc::unbounded_channel();
    let note = script(move |context, n| {
        let (ran, tenant) = (ran.clone(), context.scope().tenant());
        Box::pin(async move {
            ran.send((tenant, n)).unwrap();
            Ok(())
        })
    });
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let worker = place.worker(&note);
            tokio::spawn(async move { worker.drain().await.unwrap() })
        })
        .collect();
    let mut runs = Vec::new();
    for worker in workers {
        let drained = worker.await.unwrap();
        assert_eq!(drained.failed, []);
        runs.push(drained.ran);
    }
    assert_eq!(runs.iter().sum::<usize>(), 500);
    assert!(runs.iter().filter(|ran| **ran > 0).count() > 1, "one worker did it all: {runs:?}");
    drop(note);
    let mut distinct = HashSet::new();
    while let Some(job) = seen.recv().await {
        assert!(distinct.insert(job), "{job:?} ran twice");
    }
    assert_eq!(distinct.len(), 500);
    assert_eq!(place.ask("SELECT count(*) FROM jobs"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_writes_nothing() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 1).await;
    let (go, (started, mut starts), (wrote, mut writes)) =
        (Arc::new(Notify::new()), mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let script = gated(&go, &started, &wrote);
    let sleeper = place.worker(&script);
    let sleeper = tokio::spawn(async move { sleeper.drain().await.unwrap() });
    assert_eq!(starts.recv().await, Some(1));

    place.expire_leases();
    assert_eq!(place.worker(&script).drain().await.unwrap().ran, 1);
    assert_eq!((starts.recv().await, writes.recv().await), (Some(2), Some(true)));

    go.notify_one();
    assert_eq!(writes.recv().await, Some(false));
    let drained = sleeper.await.unwrap();
    assert_eq!(drained.failed, [("test.act".to_owned(), "the lease is lost".to_owned())]);
    assert_eq!(place.ask("SELECT count(*) FROM events"), "1");
    assert_eq!(place.ask("SELECT count(*) FROM jobs"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ended_unnoticed_still_serves_until_somebody_takes_it() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 1).await;
    let (go, (started, mut starts), (wrote, mut writes)) =
        (Arc::new(Notify::new()), mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let worker = place.worker(&gated(&go, &started, &wrote));
    let worker = tokio::spawn(async move { worker.drain().await.unwrap() });
    assert_eq!(starts.recv().await, Some(1));
    place.expire_leases();
    go.notify_one();
    assert_eq!(writes.recv().await, Some(true));
    assert_eq!(worker.await.unwrap().failed, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_process_died_runs_again_and_goes_dead_in_the_end() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 1).await;
    let (started, mut starts) = mpsc::unbounded_channel();
    let hang = script(move |context, _| {
        let (started, attempt) = (started.clone(), context.attempt());
        Box::pin(async move {
            started.send(attempt).unwrap();
            std::future::pending().await
        })
    });
    for attempt in 1..=3 {
        let worker = place.worker(&hang);
        let worker = tokio::spawn(async move { worker.drain().await });
        assert_eq!(starts.recv().await, Some(attempt));
        worker.abort();
        assert!(worker.await.unwrap_err().is_cancelled());
        assert_eq!(place.worker(&hang).drain().await.unwrap().ran, 0, "its lease has not ended");
        place.expire_leases();
    }
    let drained = place.worker(&hang).drain().await.unwrap();
    let reason = "every attempt ended with its process or its lease";
    assert_eq!(drained.failed, [("test.act".to_owned(), reason.to_owned())]);
    assert_eq!(place.ask("SELECT state || ' ' || last_error FROM jobs"), format!("dead {reason}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_others_are_out_of_a_tenants_reach() {
    let place = Place::new();
    let (own, other) = (place.tenant(), place.tenant());
    place.enqueue(&other, 1).await;
    let other = kernel::ids::Id::uuid(other.tenant());
    let forged = [
        format!(
            "INSERT INTO jobs (id, kind, for_tenant, payload, run_at, created_at)
             VALUES (gen_random_uuid(), 'x', '{other}', '{{}}', now(), now())"
        ),
        format!("SELECT enqueue_once(gen_random_uuid(), 'x', '{other}', '{{}}', 'k', now(), now())"),
        "SELECT enqueue_once(gen_random_uuid(), 'x', NULL, '{}', 'k', now(), now())".to_owned(),
        "SELECT id FROM jobs".to_owned(),
        "UPDATE jobs SET run_at = now()".to_owned(),
        "DELETE FROM jobs".to_owned(),
    ];
    for sql in forged {
        let statement = sql.clone();
        let run = move |tx: &mut TenantTx<'_>| {
            diesel::RunQueryDsl::execute(diesel::sql_query(&statement), tx.conn())?;
            Ok(())
        };
        assert!(place.db.tenant::<(), DbError, _>("test.forge", own.clone(), run).await.is_err(), "{sql}");
    }
    assert_eq!(place.worker(&succeed()).drain().await.unwrap().ran, 1);
}

/// Tells that it started, and then works until it is stopped from outside.
#[derive(Serialize, Deserialize)]
struct Endless {}

impl Job for Endless {
    const KIND: &'static str = "test.endless";
    const POLICY: Policy = Policy { lease: Duration::from_millis(90), ..Policy::local() };
    type Scope = PlatformScope;
    type Deps = mpsc::UnboundedSender<()>;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        context.deps().send(()).unwrap();
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_keep_a_lease_and_notice_its_loss() {
    let place = Place::new();
    let enqueue = |tx: &mut PlatformTx<'_>| tx.enqueue(&Endless {});
    place.db.platform::<_, DbError, _>("test.enqueue", Actor::system("test"), enqueue).await.unwrap();
    let (started, mut starts) = mpsc::unbounded_channel();
    let registry = Registry::new(place.db.clone()).job::<Endless>(started);
    let worker = Worker::new(registry, WorkerConfig::default());
    let worker = tokio::spawn(async move { worker.drain().await.unwrap() });
    starts.recv().await.unwrap();

    let lease = || place.ask("SELECT lease_until FROM jobs");
    let first = lease();
    while lease() == first {}

    let taken = "UPDATE jobs SET lease_token = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 day'";
    place.sql(taken);
    assert_eq!(worker.await.unwrap().failed, [("test.endless".to_owned(), "the lease is lost".to_owned())]);
    assert!(starts.recv().await.is_none(), "the job itself must be gone");
}
