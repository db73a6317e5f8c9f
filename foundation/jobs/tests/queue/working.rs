//! The running worker: woken, fair, and ended in order.

use crate::place::{Place, Script, script};
use db::TenantScope;
use jobs::{Worker, WorkerConfig};
use kernel::ids::TenantId;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// A worker that looks by itself only when it begins.
fn config() -> WorkerConfig {
    WorkerConfig { poll: Duration::from_hours(1), ..WorkerConfig::default() }
}

fn spawn(worker: Worker) -> (oneshot::Sender<()>, JoinHandle<usize>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let run = tokio::spawn(worker.run(async {
        let _ = stopped.await;
    }));
    (stop, run)
}

/// Jobs that tell their tenant and number and then need a permit to go on.
fn gated(gate: &Arc<Semaphore>) -> (Script, mpsc::UnboundedReceiver<(TenantId, i64)>) {
    let (started, starts) = mpsc::unbounded_channel();
    let gate = gate.clone();
    let script = script(move |context, n| {
        let (gate, started, tenant) = (gate.clone(), started.clone(), context.scope().tenant());
        Box::pin(async move {
            started.send((tenant, n)).unwrap();
            gate.acquire().await.unwrap().forget();
            Ok(())
        })
    });
    (script, starts)
}

async fn next(starts: &mut mpsc::UnboundedReceiver<(TenantId, i64)>) -> (TenantId, i64) {
    timeout(Duration::from_secs(30), starts.recv()).await.expect("a job must start").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenants_backlog_leaves_room_for_another_in_the_first_batch() {
    let place = Place::new();
    let (many, few): (TenantScope, TenantScope) = (place.tenant(), place.tenant());
    place.enqueue(&many, 1_000).await;
    place.advance(1);
    place.enqueue(&few, 1).await;
    place.advance(1);
    let gate = Arc::new(Semaphore::new(0));
    let (script, mut starts) = gated(&gate);
    let (stop, run) = spawn(place.worker_with(&script, config()));
    let mut batch = Vec::new();
    for _ in 0..4 {
        batch.push(next(&mut starts).await);
    }
    batch.sort_unstable_by_key(|(tenant, n)| (*tenant == few.tenant(), *n));
    let own = many.tenant();
    assert_eq!(batch, [(own, 1), (own, 2), (own, 3), (few.tenant(), 1)]);

    // Another worker finds the tenant's share in use.
    let (idle, mut none) = gated(&gate);
    let (stop_idle, run_idle) = spawn(place.worker_with(&idle, config()));
    stop_idle.send(()).unwrap();
    assert_eq!(run_idle.await.unwrap(), 0);
    assert!(none.try_recv().is_err());

    stop.send(()).unwrap();
    gate.add_permits(4);
    assert_eq!(run.await.unwrap(), 0);
    assert_eq!(place.ask("SELECT count(*) FROM jobs WHERE state = 'ready' AND attempts = 0"), "997");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_wakes_the_worker() {
    let place = Place::new();
    let tenant = place.tenant();
    let (script, mut starts) = gated(&Arc::new(Semaphore::new(10)));
    let listening = WorkerConfig { listen: Some(place.app_url()), ..config() };
    let (stop, run) = spawn(place.worker_with(&script, listening));
    // The worker looks once as it begins and once as it has begun to listen, which may find the first.
    place.enqueue(&tenant, 1).await;
    next(&mut starts).await;
    while place.ask("SELECT count(*) FROM jobs") != "0" {}
    for _ in 0..3 {
        place.enqueue(&tenant, 1).await;
        next(&mut starts).await;
    }
    stop.send(()).unwrap();
    assert_eq!(run.await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn listening_goes_on_after_its_connection_was_cut() {
    let place = Place::new();
    let tenant = place.tenant();
    let (script, mut starts) = gated(&Arc::new(Semaphore::new(10)));
    let listening = WorkerConfig { listen: Some(place.app_url()), ..config() };
    let (stop, run) = spawn(place.worker_with(&script, listening));
    let listeners = "FROM pg_stat_activity WHERE query = 'LISTEN jobs' AND datname = current_database()";
    while place.ask(&format!("SELECT count(*) {listeners}")) != "1" {}
    let cut = place.ask(&format!("SELECT pid {listeners}"));
    place.sql(&format!("SELECT pg_terminate_backend({cut})"));
    while place.ask(&format!("SELECT count(*) {listeners} AND pid <> {cut}")) != "1" {}
    for _ in 0..3 {
        place.enqueue(&tenant, 1).await;
        next(&mut starts).await;
    }
    stop.send(()).unwrap();
    run.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_it_takes_nothing_new_and_finishes_what_runs() {
    let place = Place::new();
    let tenant = place.tenant();
    let gate = Arc::new(Semaphore::new(0));
    let (script, mut starts) = gated(&gate);
    place.enqueue(&tenant, 1).await;
    let config = WorkerConfig { concurrency: 1, ..config() };
    let (stop, run) = spawn(place.worker_with(&script, config));
    next(&mut starts).await;
    place.enqueue(&tenant, 1).await;
    stop.send(()).unwrap();
    gate.add_permits(2);
    assert_eq!(run.await.unwrap(), 0);
    assert!(starts.try_recv().is_err(), "a job was started after the signal");
    assert_eq!(place.ask("SELECT string_agg(concat_ws(' ', state, attempts), ', ') FROM jobs"), "ready 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn patience_ends_and_the_job_is_left_to_its_lease() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 1).await;
    let (script, mut starts) = gated(&Arc::new(Semaphore::new(0)));
    let config = WorkerConfig { patience: Duration::ZERO, ..config() };
    let (stop, run) = spawn(place.worker_with(&script, config));
    next(&mut starts).await;
    stop.send(()).unwrap();
    assert_eq!(run.await.unwrap(), 1);
    assert_eq!(place.ask("SELECT concat_ws(' ', state, attempts) FROM jobs"), "running 1");
}
