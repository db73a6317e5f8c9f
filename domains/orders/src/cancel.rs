//! Ends an order that was not paid.

use crate::{
    Counterparty, Order, OrderDetail, OrderStatus, Party, PartyRole, Step,
    events::OrderCancelled,
    pay, read, store,
    tell::{self, Message},
};
use db::{DbError, TenantTx};
use kernel::ids::OrderId;
use notifications::Template;
use serde_json::json;

/// Why an order was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelOrderError {
    /// The transaction's tenant has no such order in this role.
    #[error("no such order")]
    NotFound,
    /// It is paid, or has ended.
    #[error("the order is {status}")]
    NotCancellable {
        /// Where it stands.
        status: OrderStatus,
    },
    /// A payment is at the provider, its outcome open.
    #[error("a payment is under way")]
    PaymentUnderWay,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The buyer cancels; runs in the buyer's transaction. Cancelling a cancelled order changes nothing.
pub fn cancel_as_buyer(tx: &mut TenantTx<'_>, id: OrderId) -> Result<OrderDetail, CancelOrderError> {
    let party = Counterparty::of(tx, id, PartyRole::Buyer)?.ok_or(CancelOrderError::NotFound)?;
    tx.in_tenant(&party.scope(), |tx| cancel_as(tx, id, Party::Buyer, None))
}

/// The seller cancels. Cancelling a cancelled order changes nothing.
pub fn cancel_as_seller(tx: &mut TenantTx<'_>, id: OrderId) -> Result<OrderDetail, CancelOrderError> {
    cancel_as(tx, id, Party::Seller, None)
}

/// Cancels in the seller's tenant for one of the parties, or for the platform.
pub(crate) fn cancel_as(
    tx: &mut TenantTx<'_>,
    id: OrderId,
    by: Party,
    reason: Option<&str>,
) -> Result<OrderDetail, CancelOrderError> {
    let mut order = store::lock(tx, id)?.ok_or(CancelOrderError::NotFound)?;
    if order.status != OrderStatus::Cancelled {
        if !order.status.may_become(OrderStatus::Cancelled) {
            return Err(CancelOrderError::NotCancellable { status: order.status });
        }
        if pay::has_payment_at_provider(tx, id)? {
            return Err(CancelOrderError::PaymentUnderWay);
        }
        cancel(tx, &mut order, by, reason)?;
    }
    read::order(tx, id)?.ok_or(CancelOrderError::NotFound)
}

/// Cancels an order whose lock the caller holds, gives its stock back and tells both parties.
pub(crate) fn cancel(tx: &mut TenantTx<'_>, order: &mut Order, by: Party, reason: Option<&str>) -> Result<(), DbError> {
    store::advance(tx, order, OrderStatus::Cancelled)?;
    catalogue::release_reserved(tx, order.id)?;
    store::note(tx, order, Step::Cancelled, by, reason)?;
    tell::both(tx, order, &OrderCancelled((&*order).into()))?;
    let message = Message {
        template: Template::OrderCancelled,
        params: json!({ "reason": reason.unwrap_or("-") }),
        cause: &order.id.to_string(),
    };
    tell::write_both(tx, order, &message)
}
