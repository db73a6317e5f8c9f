use crate::world::{World, census};
use seeds::SeedDeps;
use std::sync::atomic::{AtomicUsize, Ordering};
use test_cluster::{Cluster, TestDatabase};

/// Steps after which each run dies.
const STEPS: usize = 19;

/// Rows of the sessions themselves: every further run signs its owners in again.
const OF_SESSIONS: [&str; 3] = ["sessions", "refresh_tokens", "audit_log"];

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_die_every_few_steps_arrive_where_one_run_does() {
    let world = World::start().await;
    let [whole, pieces] = [Cluster::get().database(), Cluster::get().database()];
    seeds::run(world.deps(&whole, "whole").await, |_| ()).await.unwrap();
    let deps = world.deps(&pieces, "pieces").await;
    let mut deaths = 0;
    while dies(deps.clone()).await {
        deaths += 1;
        assert!(deaths < 100, "no progress");
    }
    assert!(deaths > 20, "only {deaths} runs were interrupted");
    let of_work = |database: &TestDatabase| {
        let mut census = census(database);
        census.retain(|table, _| !OF_SESSIONS.contains(&table.as_str()));
        census
    };
    assert_eq!(of_work(&pieces), of_work(&whole));
}

/// Runs the seeds until the third step is told; says whether it came to that.
async fn dies(deps: SeedDeps) -> bool {
    let steps = AtomicUsize::new(0);
    let die = move |_: &str| {
        if steps.fetch_add(1, Ordering::Relaxed) + 1 == STEPS {
            // Like a panic, but without its message.
            std::panic::resume_unwind(Box::new("killed"));
        }
    };
    match tokio::spawn(seeds::run(deps, die)).await {
        Ok(summary) => {
            summary.unwrap();
            false
        }
        Err(error) => error.is_panic(),
    }
}
