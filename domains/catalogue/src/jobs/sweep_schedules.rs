use super::ApplySchedule;
use crate::schedule;
use db::{DbError, PlatformTx};
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};

/// Finds products whose time has come although nothing happened, and has them looked at.
///
/// Enqueued by: the schedule, once a minute. Repeats: safe, a job that still waits is not doubled. Order: none assumed. Gives up:
/// never; the next slot looks again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct SweepSchedules {}

impl Job for SweepSchedules {
    const KIND: &'static str = "catalogue.sweep_schedules";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        context.platform("catalogue.sweep_schedules", enqueue_due).await?;
        Ok(())
    }
}

fn enqueue_due(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let due = schedule::due(tx)?;
    due.into_iter().try_for_each(|(firm, product_id)| tx.enqueue_for(firm, &ApplySchedule { product_id }, product_id))
}
