//! Jobs started by the clock.

use crate::place::Place;
use jobs::{Job, JobContext, JobError, PlatformScope, Policy, Registry, Worker, WorkerConfig};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A sweeper, run every hour.
#[derive(Serialize, Deserialize)]
struct Sweep {}

impl Job for Sweep {
    const KIND: &'static str = "test.sweep";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    /// Whether it fails.
    type Deps = bool;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        if *context.deps() { Err(JobError::retry("no")) } else { Ok(()) }
    }
}

fn worker(place: &Place, fails: bool) -> Worker {
    let registry = Registry::new(place.db.clone()).job::<Sweep>(fails);
    Worker::new(registry.schedule(Duration::from_hours(1), || Sweep {}), WorkerConfig::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_make_one_job_for_a_slot_and_one_after_a_jump() {
    let place = Place::new();
    let (one, two) = (worker(&place, false), worker(&place, false));
    // It is 00:10: the slot of 00:00 has begun.
    for (minutes, ran) in [(0, 1), (49, 0), (1, 1), (59, 0), (1, 1), (60 * 24 * 40, 1), (0, 0)] {
        place.advance(minutes * 60);
        let (one, two) = tokio::join!(one.drain(), two.drain());
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!((one.ran + two.ran, one.failed, two.failed), (ran, vec![], vec![]), "after {minutes} more minutes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_passes_while_an_earlier_job_waits_and_a_dead_one_stops_nothing() {
    let place = Place::new();
    assert_eq!(worker(&place, true).drain().await.unwrap().failed.len(), 1);
    place.sql("UPDATE jobs SET run_at = run_at + interval '3 hours'");
    place.advance(7_200);
    assert_eq!(worker(&place, true).drain().await.unwrap().ran, 0);
    assert_eq!(place.ask("SELECT count(*) FROM jobs"), "1");
    place.sql("UPDATE jobs SET state = 'dead'");
    place.advance(3_600);
    assert_eq!(worker(&place, false).drain().await.unwrap().ran, 1);
}
