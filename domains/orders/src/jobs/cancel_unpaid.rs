//! Ends an order whose payment window is over.

use crate::{CancelOrderError, Party, cancel};
use ::jobs::{Enqueue, Job, JobContext, JobError, Policy};
use chrono::Duration;
use db::TenantScope;
use kernel::ids::OrderId;

/// Between two tries while a payment is at the provider.
const AGAIN: Duration = Duration::minutes(10);

/// Cancels one order unless it was paid, and gives its stock back.
///
/// Enqueued by: `orders::place`, for the end of the payment window. Repeats: safe, an order that is paid or has ended is left
/// alone. Order: none assumed; while a payment's outcome is open it leaves itself for later. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct CancelUnpaid {
    /// The order.
    pub order_id: OrderId,
}

impl Job for CancelUnpaid {
    const KIND: &'static str = "orders.cancel_unpaid";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.order_id;
        let cancelled = context
            .tenant("orders.cancel_unpaid", move |tx| {
                match cancel::cancel_as(tx, id, Party::Platform, Some("not paid in time")) {
                    // Waiting is no failure: it must not use up the attempts.
                    Err(CancelOrderError::PaymentUnderWay) => {
                        Ok(tx.enqueue_at(&Self { order_id: id }, tx.now() + AGAIN)?)
                    }
                    other => other.map(drop),
                }
            })
            .await;
        match cancelled {
            Ok(()) | Err(CancelOrderError::NotCancellable { .. }) => Ok(()),
            Err(error @ (CancelOrderError::NotFound | CancelOrderError::PaymentUnderWay)) => {
                Err(JobError::give_up(error))
            }
            Err(CancelOrderError::Db(error)) => Err(JobError::retry(error)),
        }
    }
}
