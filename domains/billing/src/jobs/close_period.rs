use crate::close::close_period;
use chrono::{DateTime, Utc};
use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};

/// Closes a tenant's ended period.
///
/// Enqueued by: `start_subscription` and the closing of the period before, for the instant the period ends; the sweeper
/// `FindEndedPeriods` behind them. Repeats: safe, a closed period is not current any more. Order: periods close one after
/// the other, since only the current one can. Gives up: after many attempts, and then the sweeper tries again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ClosePeriod {
    /// The end that the enqueuer saw; the job closes whichever period has ended.
    pub period_end: DateTime<Utc>,
}

impl Job for ClosePeriod {
    const KIND: &'static str = "billing.close_period";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        context.tenant("billing.close_period", close_period).await.map(drop).map_err(JobError::retry)
    }
}
