use crate::reservations;
use db::{DbError, TenantScope, TenantTx};
use jobs::{Job, JobContext, JobError, Policy};

/// Orders released by one transaction.
const AT_ONCE: i64 = 100;

/// Gives one seller's expired promises back.
///
/// Enqueued by: [`super::SweepReservations`]. Repeats: safe, what is released stays released. Order: none assumed; a
/// payment that arrives first wins, because a taken reservation is not released. Gives up: never (local and cheap).
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ReleaseExpired {}

impl Job for ReleaseExpired {
    const KIND: &'static str = "catalogue.release_expired";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        while context.tenant("catalogue.release_expired", release_some).await? > 0 {}
        Ok(())
    }
}

/// Gives back what some orders of this seller were promised until now. Returns how many orders.
fn release_some(tx: &mut TenantTx<'_>) -> Result<usize, DbError> {
    let orders = reservations::expired_orders(tx, AT_ONCE)?;
    orders.iter().try_for_each(|order| reservations::release_reserved(tx, *order))?;
    Ok(orders.len())
}
