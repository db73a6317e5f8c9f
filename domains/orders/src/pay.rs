//! A buyer pays: the two halves around the call to the provider.

use crate::{Counterparty, OrderPayments, OrderStatus, PartyRole, store};
use audit::Audited;
use db::{DbError, TenantTx};
use kernel::ids::{OrderId, PaymentId};
use payments::{Answer, NewPayment, Operation, Payment, PaymentMethod, PaymentStatus, RecordError};
use serde_json::json;

/// How a buyer wants to pay an order.
#[derive(Debug, Clone)]
pub struct PayOrder {
    /// The order.
    pub order: OrderId,
    /// How.
    pub method: PaymentMethod,
    /// The provider's payment method: given, the payment is confirmed on the server.
    pub payment_method: Option<String>,
    /// Where the payer comes back to.
    pub return_url: Option<String>,
    /// Digest of the caller's idempotency key.
    pub request_key: [u8; 32],
}

/// Why an order cannot be paid.
#[derive(Debug, thiserror::Error)]
pub enum PayOrderError {
    /// The transaction's tenant has placed no such order.
    #[error("no such purchase")]
    NotFound,
    /// It does not wait for a payment.
    #[error("the order is {status}")]
    NotPayable {
        /// Where it stands.
        status: OrderStatus,
    },
    /// Another payment is at the provider, its outcome open.
    #[error("another payment is under way")]
    UnderWay,
    /// The provider's answer does not fit.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Writes a payment of an order and the call that makes it down; runs in the buyer's transaction. Commit, call the provider,
/// then [`record_payment`].
pub fn plan_payment(tx: &mut TenantTx<'_>, command: &PayOrder) -> Result<Operation, PayOrderError> {
    let party = Counterparty::of(tx, command.order, PartyRole::Buyer)?.ok_or(PayOrderError::NotFound)?;
    tx.audit("order.payment_begun", command.order, json!({ "method": command.method }))?;
    tx.in_tenant(&party.scope(), |tx| {
        let order = store::lock(tx, command.order)?.ok_or(PayOrderError::NotFound)?;
        if order.status != OrderStatus::AwaitingPayment {
            return Err(PayOrderError::NotPayable { status: order.status });
        }
        if has_payment_at_provider(tx, order.id)? {
            return Err(PayOrderError::UnderWay);
        }
        let new = NewPayment {
            order: order.id,
            amount: order.money(),
            method: command.method,
            payment_method: command.payment_method.clone(),
            return_url: command.return_url.clone(),
            request_key: command.request_key,
        };
        Ok(payments::plan(tx, &new)?)
    })
}

/// The call that an earlier request with the same key wrote down, whose answer was never given.
pub fn resume_payment(tx: &mut TenantTx<'_>, command: &PayOrder) -> Result<Option<Operation>, DbError> {
    let Some(party) = Counterparty::of(tx, command.order, PartyRole::Buyer)? else { return Ok(None) };
    tx.in_tenant(&party.scope(), |tx| match payments::find_by_request(tx, &command.request_key)? {
        Some(payment) => payments::operation_of(tx, &payment),
        None => Ok(None),
    })
}

/// Writes down what the provider said of a payment, if it said anything; runs in the buyer's transaction. The payment as it
/// stands then.
pub fn record_payment(
    tx: &mut TenantTx<'_>,
    order: OrderId,
    payment: PaymentId,
    answer: Option<&Answer>,
) -> Result<Payment, PayOrderError> {
    let party = Counterparty::of(tx, order, PartyRole::Buyer)?.ok_or(PayOrderError::NotFound)?;
    tx.in_tenant(&party.scope(), |tx| match answer {
        Some(answer) => Ok(payments::record(tx, &OrderPayments, payment, answer)?),
        None => payments::find(tx, payment)?.ok_or(PayOrderError::NotFound),
    })
}

/// Whether money may be on its way for an order.
pub(crate) fn has_payment_at_provider(tx: &mut TenantTx<'_>, order: OrderId) -> Result<bool, DbError> {
    let payments = payments::payments_of(tx, &[order])?;
    Ok(payments.iter().any(|payment| payment.status == PaymentStatus::Processing))
}
