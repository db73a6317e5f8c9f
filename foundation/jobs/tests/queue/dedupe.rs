//! One job for many changes, and never one too few.

use crate::place::{Act, Place, script, succeed};
use db::{DbError, TenantTx};
use jobs::{Enqueue, JobError};
use kernel::Clock;
use std::sync::{Arc, Mutex, mpsc as blocking};
use tokio::sync::{Notify, mpsc};

#[tokio::test(flavor = "multi_thread")]
async fn waiting_jobs_with_one_key_are_one_due_at_the_earliest_time() {
    let place = Place::new();
    let (one, two) = (place.tenant(), place.tenant());
    let now = place.clock.now();
    place.enqueue_once(&one, "k", now + chrono::Duration::hours(2)).await;
    place.enqueue_once(&one, "k", now + chrono::Duration::hours(1)).await;
    place.enqueue_once(&one, "k", now + chrono::Duration::hours(3)).await;
    place.enqueue_once(&two, "k", now).await;
    assert_eq!(place.ask("SELECT count(*) FROM jobs"), "2", "the key is the tenant's own");
    assert_eq!(place.ask_time("SELECT max(run_at) FROM jobs"), now + chrono::Duration::hours(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_while_the_job_runs_makes_another_that_starts_after_it() {
    let place = Place::new();
    let tenant = place.tenant();
    let (go, (started, mut starts)) = (Arc::new(Notify::new()), mpsc::unbounded_channel());
    let gate = go.clone();
    let wait = script(move |_, _| {
        let (gate, started) = (gate.clone(), started.clone());
        Box::pin(async move {
            started.send(()).unwrap();
            gate.notified().await;
            Ok(())
        })
    });
    place.enqueue_once(&tenant, "k", place.clock.now()).await;
    let first = place.worker(&wait);
    let first = tokio::spawn(async move { first.drain().await.unwrap() });
    starts.recv().await.unwrap();

    place.enqueue_once(&tenant, "k", place.clock.now()).await;
    place.enqueue_once(&tenant, "k", place.clock.now()).await;
    assert_eq!(place.ask("SELECT string_agg(state, ' ' ORDER BY id) FROM jobs"), "running ready");
    assert_eq!(place.worker(&wait).drain().await.unwrap().ran, 0, "one of a key at a time");

    go.notify_one();
    starts.recv().await.unwrap();
    go.notify_one();
    let drained = first.await.unwrap();
    assert_eq!((drained.ran, drained.failed), (2, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_does_not_start_before_the_change_that_counts_on_it_commits() {
    let place = Place::new();
    let tenant = place.tenant();
    let now = place.clock.now();
    place.enqueue_once(&tenant, "k", now).await;
    let ((reached, mut arrivals), (go, gate)) = (mpsc::unbounded_channel(), blocking::channel::<()>());
    let gate = Mutex::new(gate);
    let change = move |tx: &mut TenantTx<'_>| {
        tx.enqueue_once(&Act { n: 0 }, "k", now)?;
        reached.send(()).unwrap();
        gate.lock().unwrap().recv().unwrap();
        Ok(())
    };
    let db = place.db.clone();
    let change = tokio::spawn(async move { db.tenant::<_, DbError, _>("test.change", tenant, change).await });
    arrivals.recv().await.unwrap();
    assert_eq!(place.worker(&succeed()).drain().await.unwrap().ran, 0);
    go.send(()).unwrap();
    change.await.unwrap().unwrap();
    assert_eq!(place.worker(&succeed()).drain().await.unwrap().ran, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_takes_over_the_one_that_came_meanwhile_unless_it_dies() {
    for (error, left) in [(JobError::retry as fn(&'static str) -> _, "ready 1"), (JobError::give_up, "dead 1, ready 0")]
    {
        let place = Place::new();
        let tenant = place.tenant();
        place.enqueue_once(&tenant, "k", place.clock.now()).await;
        let fail = script(move |context, _| {
            Box::pin(async move {
                let again = |tx: &mut TenantTx<'_>| {
                    let at = tx.now() + chrono::Duration::hours(1);
                    tx.enqueue_once(&Act { n: 0 }, "k", at)
                };
                context.tenant::<_, DbError, _>("test.again", again).await?;
                Err(error("no"))
            })
        });
        assert_eq!(place.worker(&fail).drain().await.unwrap().failed.len(), 1);
        assert_eq!(place.ask("SELECT string_agg(state || ' ' || attempts, ', ' ORDER BY state) FROM jobs"), left);
        place.enqueue_once(&tenant, "k", place.clock.now()).await;
        assert_eq!(place.ask("SELECT string_agg(state || ' ' || attempts, ', ' ORDER BY state) FROM jobs"), left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_stands_for_later_changes() {
    let place = Place::new();
    let tenant = place.tenant();
    place.enqueue_once(&tenant, "k", place.clock.now()).await;
    place.worker(&script(|_, _| Box::pin(async { Err(JobError::give_up("no")) }))).drain().await.unwrap();
    place.enqueue_once(&tenant, "k", place.clock.now()).await;
    assert_eq!(place.ask("SELECT string_agg(state, ' ') FROM jobs"), "dead");
}
