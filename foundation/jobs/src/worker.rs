//! The worker: claims jobs, runs some of them at once, ends in order.

use crate::{
    Registry,
    inspect::{self, JobState},
    listen,
    queue::{self, Claimed, Wanted},
    run::{self, Outcome, actor},
    schedule,
};
use db::DbError;
use kernel::secrets::Secret;
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{self, MissedTickBehavior},
};

/// How often the queue's depth is measured.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Its name, seen in the table while it holds a job.
    pub name: String,
    /// Jobs run at once.
    pub concurrency: usize,
    /// How often it looks for due jobs and schedules without being woken.
    pub poll: Duration,
    /// How long it lets running jobs finish when it is told to end.
    pub patience: Duration,
    /// libpq URL for the connection that hears of new jobs; without it, polling alone finds them.
    pub listen: Option<Secret>,
}

impl Default for WorkerConfig {
    /// Four jobs at once, a look every second, 25 seconds of patience, no listening.
    fn default() -> Self {
        Self {
            name: format!("worker {}", std::process::id()),
            concurrency: 4,
            poll: Duration::from_secs(1),
            patience: Duration::from_secs(25),
            listen: None,
        }
    }
}

impl WorkerConfig {
    /// The most jobs of one tenant at once: a quarter of the places, one at least, is left to others.
    fn tenant_cap(&self) -> usize {
        self.concurrency.saturating_sub((self.concurrency / 4).max(1)).max(1)
    }
}

/// What [`Worker::drain`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drained {
    /// Runs, failed ones included.
    pub ran: usize,
    /// Kind and reason of each failed run.
    pub failed: Vec<(String, String)>,
}

/// Runs the jobs of a [`Registry`].
#[derive(Debug)]
pub struct Worker {
    registry: Arc<Registry>,
    config: WorkerConfig,
}

impl Worker {
    /// A worker that has not begun.
    pub fn new(registry: Registry, config: WorkerConfig) -> Self {
        Self { registry: Arc::new(registry), config }
    }

    /// Works until `shutdown` completes, then takes nothing new and lets running jobs finish for as long as the configuration
    /// allows. Returns how many did not finish: their leases run out and they run again.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> usize {
        let wake = Arc::new(Notify::new());
        if let Some(url) = self.config.listen.clone() {
            listen::start(url, &wake);
        }
        let mut running = JoinSet::new();
        let mut poll = time::interval(self.config.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut measured = None;
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                _ = poll.tick() => {
                    self.tick().await;
                    self.measure(&mut measured).await;
                }
                () = wake.notified() => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
            }
            while running.try_join_next().is_some() {}
            self.fill(&mut running).await;
        }
        let finish = async { while running.join_next().await.is_some() {} };
        let _ = time::timeout(self.config.patience, finish).await;
        if !running.is_empty() {
            tracing::warn!(jobs = running.len(), "ending before all running jobs have finished; they will run again");
        }
        running.len()
    }

    /// Takes the slots that have begun by the platform's clock, and then runs one job after the other until none is due.
    pub async fn drain(&self) -> Result<Drained, DbError> {
        self.take_slots().await?;
        let mut drained = Drained::default();
        loop {
            let Some(job) = self.claim(1, usize::MAX).await?.pop() else {
                return Ok(drained);
            };
            let kind = job.kind.clone();
            drained.ran += 1;
            drained.failed.extend(run::run(&self.registry, job).await.failure().map(|reason| (kind, reason)));
        }
    }

    /// Gives every free place a job, if there are enough.
    async fn fill(&self, running: &mut JoinSet<Outcome>) {
        let free = self.config.concurrency.saturating_sub(running.len());
        if free == 0 {
            return;
        }
        match self.claim(free, self.config.tenant_cap()).await {
            Ok(jobs) => {
                for job in jobs {
                    let registry = Arc::clone(&self.registry);
                    running.spawn(async move { run::run(&registry, job).await });
                }
            }
            Err(error) => tracing::warn!(%error, "cannot claim jobs"),
        }
    }

    async fn claim(&self, limit: usize, tenant_cap: usize) -> Result<Vec<Claimed>, DbError> {
        let (owner, kinds) = (self.config.name.clone(), self.registry.policies());
        let wanted = Wanted { owner, kinds, limit, tenant_cap };
        self.registry.db().jobs("jobs.claim", actor(), move |tx| queue::claim(tx, &wanted)).await
    }

    async fn tick(&self) {
        if let Err(error) = self.take_slots().await {
            tracing::warn!(%error, "cannot look at the schedules");
        }
    }

    async fn take_slots(&self) -> Result<(), DbError> {
        let due = self.registry.due();
        self.registry.db().jobs("jobs.schedule", actor(), move |tx| schedule::tick(tx, &due)).await
    }

    /// Sets the gauges of waiting and dead jobs now and then.
    async fn measure(&self, last: &mut Option<Instant>) {
        if last.is_some_and(|last| last.elapsed() < MEASURE_EVERY) {
            return;
        }
        *last = Some(Instant::now());
        match self.registry.db().jobs("jobs.measure", actor(), inspect::depths).await {
            Ok(depths) => self.publish(&depths),
            Err(error) => tracing::warn!(%error, "cannot measure the queue"),
        }
    }

    fn publish(&self, depths: &[inspect::Depth]) {
        let count =
            |kind: &str, state| depths.iter().find(|d| d.kind == kind && d.state == state).map_or(0, |d| d.count);
        let kinds = self.registry.kinds();
        for &kind in &kinds {
            metrics::gauge!("jobs_ready", "kind" => kind).set(gauge(count(kind, JobState::Ready)));
            metrics::gauge!("jobs_dead", "kind" => kind).set(gauge(count(kind, JobState::Dead)));
        }
        // Jobs of a newer or older program; one that knows them will come.
        let unknown = depths.iter().filter(|d| d.state == JobState::Ready && !kinds.contains(&d.kind.as_str()));
        metrics::gauge!("jobs_unknown").set(gauge(unknown.map(|d| d.count).sum()));
    }
}

fn gauge(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}
