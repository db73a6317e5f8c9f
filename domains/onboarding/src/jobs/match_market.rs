use catalogue::market::{restore_seller, withdraw_seller};
use db::{DbError, TenantScope, TenantTx};
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::ProductId;

/// Shows one firm's offers in the market exactly if the firm may sell.
///
/// Enqueued by: [`super::SweepMarket`]. Repeats: safe, what is hidden stays hidden. Order: none assumed; the firm's present status
/// decides. Gives up: never (local and cheap).
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct MatchMarket {}

impl Job for MatchMarket {
    const KIND: &'static str = "onboarding.match_market";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let mut after = None;
        while let Some(last) = context.tenant("onboarding.match_market", move |tx| match_market(tx, after)).await? {
            after = Some(last);
        }
        Ok(())
    }
}

/// One step of it; returns where to go on.
fn match_market(tx: &mut TenantTx<'_>, after: Option<ProductId>) -> Result<Option<ProductId>, DbError> {
    if tenants::hold_open(tx)?.status.may_read() {
        restore_seller(tx, after)
    } else {
        withdraw_seller(tx).map(|()| None)
    }
}
