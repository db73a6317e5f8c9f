use super::MatchMarket;
use db::{
    DbError, PlatformTx,
    schema::{market_sellers as sellers, tenants as firms},
};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::TenantId;
use tenants::TenantStatus;

/// Finds firms whose place in the market does not fit their status: suspended ones that are shown, reinstated ones that are not.
///
/// Enqueued by: the schedule, once a minute. Repeats: safe, a firm's job that still waits is not doubled. Order: none
/// assumed. Gives up: never; the next slot looks again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct SweepMarket {}

impl Job for SweepMarket {
    const KIND: &'static str = "onboarding.sweep_market";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.platform("onboarding.sweep_market", sweep).await?)
    }
}

fn sweep(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let may_sell = || firms::status.eq_any([TenantStatus::Active, TenantStatus::ReadOnly]);
    let misplaced: Vec<TenantId> = sellers::table
        .inner_join(firms::table.on(firms::id.eq(sellers::seller_id)))
        .filter(may_sell().eq(sellers::withdrawn_at.is_not_null()))
        .select(sellers::seller_id)
        .load(tx.conn())?;
    misplaced.into_iter().try_for_each(|firm| tx.enqueue_for(firm, &MatchMarket {}, "market"))
}
