//! One run of one job: started, kept alive by heartbeats, and its outcome written down.

use crate::{
    JobError, Lease, Policy, Registry,
    queue::{self, Claimed},
};
use db::{Db, DbError};
use kernel::Actor;
use std::time::{Duration, Instant};
use tokio::{task::JoinSet, time};
use tracing::Instrument;

/// Times that an outcome is written before the lease's end is left to decide.
const WRITES: u32 = 5;
/// The wait before the second of them; doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Again {
        wait: Duration,
        reason: String,
    },
    Dead {
        reason: String,
    },
    /// Somebody else may hold the job: nothing is written.
    Lost,
}

impl Outcome {
    const fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again { .. } => "retry",
            Self::Dead { .. } => "dead",
            Self::Lost => "lost",
        }
    }

    /// Why it is not done.
    pub(crate) fn failure(self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::Again { reason, .. } | Self::Dead { reason } => Some(reason),
            Self::Lost => Some("the lease is lost".to_owned()),
        }
    }

    /// What an attempt's failure leads to.
    fn of_failure(error: &JobError, policy: &Policy, attempt: i32) -> Self {
        let reason = error.reason();
        match error {
            JobError::GiveUp(_) => Self::Dead { reason },
            _ if attempt >= policy.max_attempts => Self::Dead { reason },
            JobError::Retry(_) => Self::Again { wait: policy.delay(attempt), reason },
            JobError::RetryAfter(wait, _) => Self::Again { wait: policy.delay(attempt).max(*wait), reason },
        }
    }
}

/// Runs a claimed job to its end and writes down how it ended.
pub(crate) async fn run(registry: &Registry, claimed: Claimed) -> Outcome {
    let started = Instant::now();
    let (lease, kind, attempt) = (claimed.lease(), claimed.kind.clone(), claimed.attempts);
    let span = tracing::info_span!("job", kind, job = %lease.job, attempt, otel.name = kind, otel.kind = "consumer");
    let outcome = async {
        let outcome = attempt_once(registry, claimed).await;
        write(registry.db(), lease, outcome).await
    };
    let outcome = outcome.instrument(span).await;
    match &outcome {
        Outcome::Done => {}
        Outcome::Again { wait, reason } => {
            tracing::warn!(kind, job = %lease.job, attempt, reason, wait_seconds = wait.as_secs(), "job failed, will be repeated");
        }
        Outcome::Dead { reason } => tracing::error!(kind, job = %lease.job, attempt, reason, "job failed, put aside"),
        Outcome::Lost => tracing::warn!(kind, job = %lease.job, attempt, "job lost its lease"),
    }
    metrics::counter!("jobs_run_total", "kind" => kind.clone(), "outcome" => outcome.word()).increment(1);
    metrics::histogram!("job_seconds", "kind" => kind).record(started.elapsed());
    outcome
}

async fn attempt_once(registry: &Registry, claimed: Claimed) -> Outcome {
    // Only kinds that are known are claimed.
    let Some(runner) = registry.runner(&claimed.kind) else {
        return Outcome::Lost;
    };
    let (policy, lease, attempt) = (runner.policy(), claimed.lease(), claimed.attempts);
    if attempt > policy.max_attempts {
        return Outcome::Dead { reason: "every attempt ended with its process or its lease".to_owned() };
    }
    match runner.start(registry.db(), claimed) {
        Err(error) => Outcome::Dead { reason: error.to_string() },
        Ok(work) => {
            // A task of its own, so that a panic ends there; the set aborts it when this future is dropped.
            let mut task = JoinSet::new();
            task.spawn(work.in_current_span());
            match watch(registry.db(), lease, policy.lease, &mut task).await {
                None => Outcome::Lost,
                Some(Ok(())) => Outcome::Done,
                Some(Err(error)) => Outcome::of_failure(&error, &policy, attempt),
            }
        }
    }
}

/// Waits for the job's end and keeps its lease meanwhile; `None` if the lease is lost.
async fn watch(
    db: &Db,
    lease: Lease,
    length: Duration,
    task: &mut JoinSet<Result<(), JobError>>,
) -> Option<Result<(), JobError>> {
    let beat = length / 3;
    loop {
        match time::timeout(beat, task.join_next()).await {
            Ok(Some(Ok(result))) => return Some(result),
            // The message of a panic may hold data, so it is left to the panic hook.
            Ok(_) => return Some(Err(JobError::retry("the job panicked"))),
            Err(_) => {
                let kept = db.jobs("jobs.heartbeat", actor(), move |tx| queue::heartbeat(tx, lease, length)).await;
                if matches!(kept, Ok(false)) {
                    return None;
                }
            }
        }
    }
}

/// Writes an outcome down; it is [`Outcome::Lost`] if the lease is.
async fn write(db: &Db, lease: Lease, outcome: Outcome) -> Outcome {
    if outcome == Outcome::Lost {
        return outcome;
    }
    let mut wait = FIRST_WAIT;
    for left in (0..WRITES).rev() {
        let wanted = outcome.clone();
        let written = db.jobs("jobs.finish", actor(), move |tx| match &wanted {
            Outcome::Done => queue::complete(tx, lease),
            Outcome::Again { wait, reason } => queue::put_back(tx, lease, *wait, reason),
            Outcome::Dead { reason } => queue::bury(tx, lease, reason),
            Outcome::Lost => Ok(false),
        });
        match written.await {
            Ok(true) => return outcome,
            Ok(false) => return Outcome::Lost,
            Err(error) if left > 0 && may_pass(&error) => {
                time::sleep(wait).await;
                wait *= 2;
            }
            Err(error) => {
                tracing::error!(job = %lease.job, %error, "cannot write down how a job ended; it will run again");
                return Outcome::Lost;
            }
        }
    }
    Outcome::Lost
}

/// Whether writing again may succeed: the database was away, or a job with the same key came at this very moment.
fn may_pass(error: &DbError) -> bool {
    error.is_temporary() || error.is_unique_violation("jobs_dedupe")
}

pub(crate) fn actor() -> Actor {
    Actor::system("worker")
}
