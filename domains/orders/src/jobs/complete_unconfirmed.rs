//! Ends an order whose buyer has said nothing.

use crate::{ConfirmReceiptError, Party, complete};
use ::jobs::{Enqueue, Job, JobContext, JobError, Policy};
use chrono::Duration;
use db::TenantScope;
use kernel::ids::OrderId;

/// Between two tries while money is on its way back.
const AGAIN: Duration = Duration::hours(1);

/// Completes one shipped order, which releases its escrow, unless that was done or the money went back.
///
/// Enqueued by: `orders::ship`, for the end of the confirmation window. Repeats: safe, an order that has ended is left alone.
/// Order: none assumed; while a refund's outcome is open it leaves itself for later. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct CompleteUnconfirmed {
    /// The order.
    pub order_id: OrderId,
}

impl Job for CompleteUnconfirmed {
    const KIND: &'static str = "orders.complete_unconfirmed";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.order_id;
        let completed = context
            .tenant("orders.complete_unconfirmed", move |tx| match complete::complete(tx, id, Party::Platform) {
                // Waiting is no failure: it must not use up the attempts.
                Err(ConfirmReceiptError::RefundUnderWay) => {
                    Ok(tx.enqueue_at(&Self { order_id: id }, tx.now() + AGAIN)?)
                }
                other => other.map(drop),
            })
            .await;
        match completed {
            Ok(()) | Err(ConfirmReceiptError::NotShipped { .. }) => Ok(()),
            Err(error @ (ConfirmReceiptError::NotFound | ConfirmReceiptError::RefundUnderWay)) => {
                Err(JobError::give_up(error))
            }
            Err(ConfirmReceiptError::Db(error)) => Err(JobError::retry(error)),
        }
    }
}
