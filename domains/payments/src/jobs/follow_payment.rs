//! Brings a payment to its end when request and messages do not.

use super::{unanswered, unrecorded};
use crate::{Answer, Desk, Operation, Payment, PaymentStatus, RecordError, record, store};
use ::jobs::{Enqueue, Job, JobContext, JobError, Policy};
use chrono::Duration;
use db::{DbError, TenantScope, TenantTx};
use kernel::ids::PaymentId;

/// Between two looks at a payment whose outcome is open.
const AGAIN: Duration = Duration::minutes(10);
/// A payer who has not acted for this long will not; a late success still comes as a message.
const PATIENCE: Duration = Duration::hours(48);

/// Makes the provider's call if its answer was lost, or asks how the payment stands, and looks again while it is open.
///
/// Enqueued by: `payments::plan`, for a minute later; by itself; and for each message of the provider about the payment.
/// Repeats: safe, the call has its own key and recording is idempotent. Order: none assumed, the present state is fetched.
/// Gives up: when the answer does not fit our row, or when an unanswered call is too old to be repeated under its key.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FollowPayment {
    /// The payment.
    pub payment_id: PaymentId,
}

/// An unanswered call that is too old to be repeated: people must look at the provider.
#[derive(Debug, thiserror::Error)]
#[error("the call is too old to be repeated under its key")]
pub(super) struct KeyExpired;

impl Job for FollowPayment {
    const KIND: &'static str = "payments.follow_payment";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = Desk;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.payment_id;
        let found: Option<(Payment, Operation)> = context
            .tenant("payments.follow_payment.read", move |tx| find(tx, id))
            .await
            .map_err(|error: DbError| JobError::retry(error))?;
        let Some((payment, operation)) = found else { return Ok(()) };
        let gateway = &context.deps().gateway;
        let answer = match &payment.provider_id {
            Some(provider_id) => Answer::Payment(gateway.payment(provider_id).await.map_err(unanswered)?),
            None if operation.done => return Ok(()),
            None if operation.has_expired(context.now()) => return Err(JobError::give_up(KeyExpired)),
            None => gateway.perform(&operation).await.map_err(unanswered)?,
        };
        let listener = std::sync::Arc::clone(&context.deps().listener);
        context
            .tenant("payments.follow_payment.record", move |tx| {
                let payment = record(tx, &*listener, id, &answer)?;
                look_again(tx, &payment).map_err(RecordError::from)
            })
            .await
            .map_err(unrecorded)
    }
}

fn find(tx: &mut TenantTx<'_>, id: PaymentId) -> Result<Option<(Payment, Operation)>, DbError> {
    Ok(store::payment(tx, id)?.zip(Operation::find(tx, id, None)?))
}

/// Leaves another look while the outcome or the fee is open; one for each payment waits at a time.
fn look_again(tx: &mut TenantTx<'_>, payment: &Payment) -> Result<(), DbError> {
    let young = tx.now() - payment.created_at < PATIENCE;
    let waiting = match payment.status {
        PaymentStatus::Processing => true,
        PaymentStatus::RequiresAction => young,
        PaymentStatus::Succeeded => payment.fee.is_none() && young,
        PaymentStatus::Failed => false,
    };
    if !waiting {
        return Ok(());
    }
    let at = tx.now() + AGAIN;
    tx.enqueue_once(&FollowPayment { payment_id: payment.id }, format!("{} {}", payment.id, slot(at)), at)
}

/// Looks of one payment within the same slot are one look.
fn slot(at: chrono::DateTime<chrono::Utc>) -> i64 {
    at.timestamp() / AGAIN.num_seconds()
}
