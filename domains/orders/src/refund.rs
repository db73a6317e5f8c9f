//! The seller sends money back before it is released: the two halves around the call to the provider.

use crate::{OrderPayments, OrderStatus, Party, Step, store};
use db::{DbError, TenantTx};
use kernel::ids::{OrderId, RefundId};
use payments::{Answer, NewRefund, Operation, Payment, PaymentStatus, PlanRefundError, RecordError, Refund};

/// What a seller wants to send back.
#[derive(Debug, Clone)]
pub struct RefundOrder {
    /// The order.
    pub order: OrderId,
    /// How much, in minor units; unset: all that is left.
    pub amount_minor: Option<i64>,
    /// Why; at most 500 characters.
    pub reason: String,
    /// Digest of the caller's idempotency key.
    pub request_key: [u8; 32],
}

/// Why nothing is sent back.
#[derive(Debug, thiserror::Error)]
pub enum RefundOrderError {
    /// The transaction's tenant has sold no such order.
    #[error("no such order")]
    NotFound,
    /// No money of the buyer is held for it.
    #[error("the order is {status}")]
    NotRefundable {
        /// Where it stands.
        status: OrderStatus,
    },
    /// More than is left of the payment.
    #[error("more than the {refundable_minor} that are left")]
    Exceeds {
        /// What is left, in minor units.
        refundable_minor: i64,
    },
    /// The provider's answer does not fit.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Writes a refund and the call that makes it down. Commit, call the provider, then [`record_refund`].
pub fn plan_refund(tx: &mut TenantTx<'_>, command: &RefundOrder) -> Result<Operation, RefundOrderError> {
    let order = store::lock(tx, command.order)?.ok_or(RefundOrderError::NotFound)?;
    let status = order.status;
    // A bank may have sent money back after all of it was refunded: then it is still the buyer's.
    let returned_by_bank = status == OrderStatus::Refunded && order.refunded < order.total;
    if !status.may_refund() && !returned_by_bank {
        return Err(RefundOrderError::NotRefundable { status });
    }
    let payments = payments::payments_of(tx, &[order.id])?;
    let refunds = payments::refunds_of(tx, order.id)?;
    // The payment that paid the order: money of others was sent back by itself.
    let returned = |payment: &Payment| refunds.iter().any(|refund| refund.automatic && refund.payment_id == payment.id);
    let payment = payments
        .iter()
        .find(|payment| payment.status == PaymentStatus::Succeeded && !returned(payment))
        .ok_or(RefundOrderError::NotRefundable { status })?;
    let new = NewRefund {
        payment: payment.id,
        amount_minor: command.amount_minor,
        reason: command.reason.clone(),
        automatic: false,
        request_key: command.request_key,
    };
    let operation = payments::plan_refund(tx, &new).map_err(|error| match error {
        PlanRefundError::NotPaid => RefundOrderError::NotRefundable { status },
        PlanRefundError::Exceeds { refundable_minor } => RefundOrderError::Exceeds { refundable_minor },
        PlanRefundError::Db(error) => error.into(),
    })?;
    store::note(tx, &order, Step::RefundRequested, Party::Seller, Some(&command.reason))?;
    Ok(operation)
}

/// The call that an earlier request with the same key wrote down, whose answer was never given.
pub fn resume_refund(tx: &mut TenantTx<'_>, command: &RefundOrder) -> Result<Option<Operation>, DbError> {
    match payments::find_refund_by_request(tx, &command.request_key)? {
        Some(refund) => payments::refund_operation_of(tx, &refund),
        None => Ok(None),
    }
}

/// Writes down what the provider said of a refund, if it said anything. The refund as it stands then.
pub fn record_refund(tx: &mut TenantTx<'_>, id: RefundId, answer: Option<&Answer>) -> Result<Refund, RefundOrderError> {
    match answer {
        Some(answer) => Ok(payments::record_refund(tx, &OrderPayments, id, answer)?),
        None => payments::find_refund(tx, id)?.ok_or(RefundOrderError::NotFound),
    }
}
