//! Brings a refund to its end when request and messages do not.

use super::{follow_payment::KeyExpired, unanswered, unrecorded};
use crate::{Answer, Desk, Operation, RecordError, Refund, RefundStatus, record_refund, refund_operation_of, store};
use ::jobs::{Enqueue, Job, JobContext, JobError, Policy};
use chrono::Duration;
use db::{DbError, TenantScope, TenantTx};
use kernel::ids::RefundId;

/// Between two looks at a refund whose outcome is open.
const AGAIN: Duration = Duration::hours(1);

/// Makes the provider's call if its answer was lost, or asks how the refund stands, and looks again while it is open.
///
/// Enqueued by: `payments::plan_refund`, at once for an automatic refund, else for a minute later; by itself; and for each
/// message of the provider about the refund. Repeats: safe, the call has its own key and recording is idempotent. Order: none
/// assumed, the present state is fetched. Gives up: when the answer does not fit our row, or when an unanswered call is too
/// old to be repeated under its key.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FollowRefund {
    /// The refund.
    pub refund_id: RefundId,
}

impl Job for FollowRefund {
    const KIND: &'static str = "payments.follow_refund";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = Desk;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.refund_id;
        let found: Option<(Refund, Operation)> = context
            .tenant("payments.follow_refund.read", move |tx| find(tx, id))
            .await
            .map_err(|error: DbError| JobError::retry(error))?;
        let Some((refund, operation)) = found else { return Ok(()) };
        let gateway = &context.deps().gateway;
        let answer = match &refund.provider_id {
            Some(provider_id) => Answer::Refund(gateway.refund(provider_id).await.map_err(unanswered)?),
            None if operation.done => return Ok(()),
            None if operation.has_expired(context.now()) => return Err(JobError::give_up(KeyExpired)),
            None => gateway.perform(&operation).await.map_err(unanswered)?,
        };
        let listener = std::sync::Arc::clone(&context.deps().listener);
        context
            .tenant("payments.follow_refund.record", move |tx| {
                let refund = record_refund(tx, &*listener, id, &answer)?;
                look_again(tx, &refund).map_err(RecordError::from)
            })
            .await
            .map_err(unrecorded)
    }
}

fn find(tx: &mut TenantTx<'_>, id: RefundId) -> Result<Option<(Refund, Operation)>, DbError> {
    let Some(refund) = store::refund(tx, id)? else { return Ok(None) };
    Ok(refund_operation_of(tx, &refund)?.map(|operation| (refund, operation)))
}

fn look_again(tx: &mut TenantTx<'_>, refund: &Refund) -> Result<(), DbError> {
    if refund.status != RefundStatus::Pending {
        return Ok(());
    }
    let at = tx.now() + AGAIN;
    let slot = at.timestamp() / AGAIN.num_seconds();
    tx.enqueue_once(&FollowRefund { refund_id: refund.id }, format!("{} {slot}", refund.id), at)
}
