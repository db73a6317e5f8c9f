use crate::{ClosePeriod, SubscriptionStatus};
use chrono::{DateTime, Utc};
use db::{DbError, PlatformTx, schema::subscriptions};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::TenantId;

/// Tenants looked at in one run; the rest is found by the next.
const BATCH: i64 = 1_000;

/// Sweeper: leaves a job for every tenant whose period has ended and is still open.
///
/// Enqueued by: schedule, hourly. Repeats: safe. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FindEndedPeriods {}

impl Job for FindEndedPeriods {
    const KIND: &'static str = "billing.find_ended_periods";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.platform("billing.find_ended_periods", sweep).await?)
    }
}

fn sweep(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let now = tx.now();
    let ended: Vec<(TenantId, DateTime<Utc>)> = subscriptions::table
        .filter(subscriptions::status.eq(SubscriptionStatus::Active))
        .filter(subscriptions::period_end.le(now))
        .order(subscriptions::period_end)
        .limit(BATCH)
        .select((subscriptions::tenant_id, subscriptions::period_end))
        .load(tx.conn())?;
    ended
        .into_iter()
        .try_for_each(|(tenant, end)| tx.enqueue_for(tenant, &ClosePeriod { period_end: end }, end.timestamp()))
}
