//! Back-off, giving up, dead jobs and what administrators do with them.

use crate::place::{Place, Script, script, succeed};
use db::DbError;
use jobs::{JobError, JobState, inspect};
use kernel::{Actor, Clock, ids::JobId, pages::PageRequest};
use std::time::Duration;

fn fail(error: impl Fn() -> JobError + Send + Sync + 'static) -> Script {
    script(move |_, _| {
        let error = error();
        Box::pin(async move { Err(error) })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_waits_longer_each_time_and_then_is_dead() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 1).await;
    let worker = place.worker(&fail(|| JobError::retry("the printer is on fire")));
    for (attempt, full) in [(1, 8), (2, 16)] {
        assert_eq!(worker.drain().await.unwrap().ran, 1);
        let waits = (place.ask_time("SELECT run_at FROM jobs") - place.clock.now()).num_milliseconds();
        assert!((full * 750..=full * 1000).contains(&waits), "attempt {attempt} waits {waits} ms");
        assert_eq!(
            place.ask("SELECT concat_ws(' ', state, attempts, last_error, lease_token) FROM jobs"),
            format!("ready {attempt} the printer is on fire"),
        );
        place.advance(full);
    }
    assert_eq!(worker.drain().await.unwrap().ran, 1);
    assert_eq!(place.ask("SELECT concat_ws(' ', state, attempts) FROM jobs"), "dead 3");
    assert_eq!(place.ask_time("SELECT finished_at FROM jobs"), place.clock.now());
    place.advance(1_000_000);
    assert_eq!(worker.drain().await.unwrap().ran, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_is_at_once_and_the_reason_is_cut() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 1).await;
    let worker = place.worker(&fail(|| JobError::give_up(format!("\0{}", "长".repeat(2_000)))));
    assert_eq!(worker.drain().await.unwrap().failed.len(), 1);
    assert_eq!(
        place.ask("SELECT concat_ws(' ', state, attempts, last_error) FROM jobs"),
        format!("dead 1 {}", "长".repeat(500))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_sides_wish_to_wait_is_kept() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 1).await;
    let worker = place.worker(&fail(|| JobError::RetryAfter(Duration::from_hours(1), "busy".into())));
    assert_eq!(worker.drain().await.unwrap().ran, 1);
    place.advance(3_599);
    assert_eq!(worker.drain().await.unwrap().ran, 0);
    place.advance(1);
    assert_eq!(worker.drain().await.unwrap().ran, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failure_of_that_job_only() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 2).await;
    let worker = place.worker(&script(|_, n| {
        Box::pin(async move {
            assert_ne!(n, 1, "on purpose");
            Ok(())
        })
    }));
    let drained = worker.drain().await.unwrap();
    assert_eq!(drained.ran, 2);
    assert_eq!(drained.failed, [("test.act".to_owned(), "the job panicked".to_owned())]);
    assert_eq!(place.ask("SELECT concat_ws(' ', state, payload) FROM jobs"), r#"ready {"n": 1}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_are_put_aside_and_unknown_kinds_left_alone() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 3).await;
    place.sql(
        r#"UPDATE jobs SET payload = '{"n": "secret"}' WHERE payload->>'n' = '1';
           UPDATE jobs SET for_tenant = NULL WHERE payload->>'n' = '2';
           UPDATE jobs SET kind = 'test.of_the_future' WHERE payload->>'n' = '3'"#,
    );
    let drained = place.worker(&succeed()).drain().await.unwrap();
    assert_eq!((drained.ran, drained.failed.len()), (2, 2));
    assert!(!format!("{drained:?}").contains("secret"), "{drained:?}");
    assert_eq!(place.ask("SELECT count(*) FROM jobs WHERE state = 'dead' AND attempts = 1"), "2");
    assert_eq!(place.ask("SELECT concat_ws(' ', state, attempts) FROM jobs WHERE kind <> 'test.act'"), "ready 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_list_retry_and_discard() {
    let place = Place::new();
    place.enqueue(&place.tenant(), 3).await;
    place.worker(&fail(|| JobError::give_up("no"))).drain().await.unwrap();
    let admin = || Actor::system("test");

    let first = PageRequest { limit: 2, after: None };
    let list = move |tx: &mut db::JobsTx<'_>| inspect::list(tx, Some(JobState::Dead), &first);
    let page = place.db.jobs::<_, DbError, _>("test.list", admin(), list).await.unwrap();
    assert_eq!(page.data.iter().map(|row| row.last_error.as_deref()).collect::<Vec<_>>(), [Some("no"); 2]);
    let rest = PageRequest { limit: 2, after: page.next };
    let list = move |tx: &mut db::JobsTx<'_>| inspect::list(tx, None, &rest);
    let rest = place.db.jobs::<_, DbError, _>("test.list", admin(), list).await.unwrap();
    assert_eq!((rest.data.len(), rest.next), (1, None));

    let (retried, discarded): (JobId, JobId) = (page.data[0].id, page.data[1].id);
    let mend = move |tx: &mut db::JobsTx<'_>| {
        let done = [inspect::retry(tx, retried)?, inspect::discard(tx, discarded)?];
        Ok([done, [inspect::retry(tx, discarded)?, inspect::discard(tx, retried)?]])
    };
    let mended = place.db.jobs::<_, DbError, _>("test.mend", admin(), mend).await.unwrap();
    assert_eq!(mended, [[true, true], [false, false]]);
    let depths = place.db.jobs::<_, DbError, _>("test.depths", admin(), inspect::depths).await.unwrap();
    let depths: Vec<_> = depths.iter().map(|depth| (depth.state, depth.count)).collect();
    assert_eq!(depths, [(JobState::Dead, 1), (JobState::Ready, 1)]);
    assert_eq!(place.worker(&succeed()).drain().await.unwrap().ran, 1);
}
