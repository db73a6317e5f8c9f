use super::CutListings;
use db::{DbError, PlatformTx, schema::market_index as index};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::TenantId;

/// Finds sellers whose listings another version of the cutter of words has cut, and has each cut anew.
///
/// Enqueued by: the schedule, every ten minutes. Repeats: safe, a seller's job that still waits is not doubled. Order: none
/// assumed. Gives up: never; the next slot looks again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct SweepCuts {}

impl Job for SweepCuts {
    const KIND: &'static str = "catalogue.sweep_cuts";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.platform("catalogue.sweep_cuts", sweep).await?)
    }
}

fn sweep(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let sellers: Vec<TenantId> = index::table
        .filter(index::cutter.lt(words::VERSION).or(index::cutter.gt(words::VERSION)))
        .select(index::seller_id)
        .distinct()
        .load(tx.conn())?;
    sellers.into_iter().try_for_each(|seller| tx.enqueue_for(seller, &CutListings {}, "cuts"))
}
