use super::ReleaseExpired;
use crate::reservations::ReservationState;
use db::{DbError, PlatformTx, schema::stock_reservations as reservations};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::TenantId;

/// Finds sellers with expired promises and has each release them.
///
/// Enqueued by: the schedule, once a minute. Repeats: safe, a seller's job that still waits is not doubled. Order: none
/// assumed. Gives up: never; the next slot looks again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct SweepReservations {}

impl Job for SweepReservations {
    const KIND: &'static str = "catalogue.sweep_reservations";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        context.platform("catalogue.sweep_reservations", enqueue_expired).await?;
        Ok(())
    }
}

/// Leaves a job for each seller with expired promises.
fn enqueue_expired(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let sellers: Vec<TenantId> = reservations::table
        .filter(reservations::state.eq(ReservationState::Held))
        .filter(reservations::expires_at.le(tx.now()))
        .select(reservations::tenant_id)
        .distinct()
        .load(tx.conn())?;
    sellers.into_iter().try_for_each(|seller| tx.enqueue_for(seller, &ReleaseExpired {}, "expired"))
}
