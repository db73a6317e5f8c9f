//! Money back to the buyer: the refund, its states, and the first half of making one.

use crate::{FollowRefund, Operation, PaymentStatus, escrow, operation::CallRequest, plan::FIRST_LOOK, store};
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::refunds};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::{
    Currency, Money,
    ids::{OrderId, PaymentId, RefundId},
    text_enum,
};

text_enum! {
    /// Where a refund stands.
    pub enum RefundStatus {
        /// Asked for; the outcome is open.
        Pending = "pending",
        /// The money is back with the buyer.
        Succeeded = "succeeded",
        /// The money stays here.
        Failed = "failed",
    }
}

impl RefundStatus {
    /// Whether the provider's word may move a refund from here to `next`: a bank may send money back that was refunded.
    pub const fn may_become(self, next: Self) -> bool {
        matches!((self, next), (Self::Pending, Self::Succeeded | Self::Failed) | (Self::Succeeded, Self::Failed))
    }
}

/// Money sent back from a payment.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = refunds)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The payment it takes back from.
    pub payment_id: PaymentId,
    /// The order.
    pub order_id: OrderId,
    /// How much, in minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// Why, in the words of whoever asked for it.
    pub reason: String,
    /// Whether the platform sent it by itself: money that nobody was owed.
    pub automatic: bool,
    /// Where it stands.
    pub status: RefundStatus,
    /// The provider's id of it, once known.
    pub provider_id: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

impl Refund {
    /// How much.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// A wish to send money back.
#[derive(Debug, Clone)]
pub struct NewRefund {
    /// The payment.
    pub payment: PaymentId,
    /// How much, in minor units of the payment; unset: all that is left of it.
    pub amount_minor: Option<i64>,
    /// Why; at most 500 characters.
    pub reason: String,
    /// Whether nobody asked: then nobody carries the operation out but its job, at once.
    pub automatic: bool,
    /// Digest of the caller's idempotency key, or of the cause.
    pub request_key: [u8; 32],
}

/// Why no refund was planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanRefundError {
    /// The payment has not come, or does not exist.
    #[error("the payment has not come")]
    NotPaid,
    /// More than is left of the payment.
    #[error("more than the {refundable_minor} that are left")]
    Exceeds {
        /// What is left, in minor units.
        refundable_minor: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Writes a refund and the operation that will make it, and sets the money aside in escrow; commit, then
/// [`crate::Gateway::perform`], then [`crate::record_refund`].
///
/// The caller holds the lock on the order. Only money that is still held can go back.
pub fn plan_refund(tx: &mut TenantTx<'_>, new: &NewRefund) -> Result<Operation, PlanRefundError> {
    let payment = store::payment(tx, new.payment)?.filter(|payment| payment.status == PaymentStatus::Succeeded);
    let payment = payment.ok_or(PlanRefundError::NotPaid)?;
    let provider_payment = payment.provider_id.clone().ok_or(PlanRefundError::NotPaid)?;
    let mut escrow = escrow::lock(tx, payment.order_id)?.ok_or(PlanRefundError::NotPaid)?;
    let refundable_minor = (payment.amount - already_refunded(tx, payment.id)?).min(escrow.free());
    let amount = new.amount_minor.unwrap_or(refundable_minor);
    if amount < 1 || amount > refundable_minor {
        return Err(PlanRefundError::Exceeds { refundable_minor });
    }
    escrow.refunding += amount;
    escrow::save(tx, &escrow)?;
    let amount = Money::new(amount, payment.currency);
    let refund_id = insert(tx, new, payment.order_id, amount)?;
    let operation =
        Operation::insert(tx, payment.id, Some(refund_id), CallRequest::Refund { provider_payment, amount })?;
    let first_look = if new.automatic { tx.now() } else { tx.now() + FIRST_LOOK };
    tx.enqueue_at(&FollowRefund { refund_id }, first_look)?;
    Ok(operation)
}

/// The operation that makes a refund.
pub fn refund_operation_of(tx: &mut TenantTx<'_>, refund: &Refund) -> Result<Option<Operation>, DbError> {
    Operation::find(tx, refund.payment_id, Some(refund.id))
}

fn already_refunded(tx: &mut TenantTx<'_>, payment: PaymentId) -> Result<i64, DbError> {
    let amounts: Vec<i64> = refunds::table
        .filter(refunds::tenant_id.eq(tx.tenant()))
        .filter(refunds::payment_id.eq(payment))
        .filter(refunds::status.ne(RefundStatus::Failed))
        .select(refunds::amount)
        .load(tx.conn())?;
    Ok(amounts.iter().sum())
}

fn insert(tx: &mut TenantTx<'_>, new: &NewRefund, order: OrderId, amount: Money) -> Result<RefundId, DbError> {
    let id: RefundId = tx.new_id();
    let row = (
        refunds::id.eq(id),
        refunds::payment_id.eq(new.payment),
        refunds::order_id.eq(order),
        refunds::amount.eq(amount.amount_minor),
        refunds::currency.eq(amount.currency),
        refunds::reason.eq(&new.reason),
        refunds::automatic.eq(new.automatic),
        refunds::status.eq(RefundStatus::Pending),
        refunds::request_key.eq(new.request_key.to_vec()),
        refunds::created_at.eq(tx.now()),
        refunds::updated_at.eq(tx.now()),
    );
    diesel::insert_into(refunds::table).values(row).execute(tx.conn())?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_refund_stays_failed() {
        for next in RefundStatus::ALL {
            assert!(!RefundStatus::Failed.may_become(*next));
            assert!(!next.may_become(*next) && !next.may_become(RefundStatus::Pending));
        }
    }
}
