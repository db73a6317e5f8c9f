//! Ends an order whose payment window is over.

use crate::{CancelOrderError, Party, cancel};
use ::jobs::{Job, JobContext, JobError, Policy};
use db::TenantScope;
use kernel::ids::OrderId;
use std::time::Duration;

/// Between two tries while a payment is at the provider.
const AGAIN: Duration = Duration::from_mins(10);

/// Cancels one order unless it was paid, and gives its stock back.
///
/// Enqueued by: `orders::place`, for the end of the payment window. Repeats: safe, an order that is paid or has ended is left
/// alone. Order: none assumed; while a payment's outcome is open it waits. Gives up: never in practice: 25 attempts.
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
                cancel::cancel_as(tx, id, Party::Platform, Some("not paid in time")).map(drop)
            })
            .await;
        match cancelled {
            Ok(()) | Err(CancelOrderError::NotCancellable { .. }) => Ok(()),
            Err(CancelOrderError::PaymentUnderWay) => {
                Err(JobError::RetryAfter(AGAIN, Box::new(CancelOrderError::PaymentUnderWay)))
            }
            Err(error @ CancelOrderError::NotFound) => Err(JobError::give_up(error)),
            Err(CancelOrderError::Db(error)) => Err(JobError::retry(error)),
        }
    }
}
