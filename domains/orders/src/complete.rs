//! Receipt: the buyer says so, or time does; the seller gets the money.

use crate::{
    Counterparty, OrderDetail, OrderStatus, Party, PartyRole, Step,
    events::{EscrowObject, EscrowReleased, OrderCompleted},
    read, store,
    tell::{self, Message},
};
use db::{DbError, TenantTx};
use kernel::ids::{Id, OrderId, UsageId};
use metering::Meter;
use notifications::Template;
use payments::{ReleaseError, Released};
use serde_json::json;

/// Why receipt was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmReceiptError {
    /// The transaction's tenant has placed no such order.
    #[error("no such purchase")]
    NotFound,
    /// Not everything is on its way, or the order has ended.
    #[error("the order is {status}")]
    NotShipped {
        /// Where it stands.
        status: OrderStatus,
    },
    /// Money is on its way back to the buyer; wait for the outcome.
    #[error("a refund is under way")]
    RefundUnderWay,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ReleaseError> for ConfirmReceiptError {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::RefundUnderWay => Self::RefundUnderWay,
            ReleaseError::NothingHeld => Self::Db(DbError::Corrupt("a shipped order has nothing in escrow".into())),
            ReleaseError::Db(error) => error.into(),
        }
    }
}

/// The buyer confirms receipt, which releases the escrow; runs in the buyer's transaction. Confirming a completed order
/// changes nothing.
pub fn confirm_receipt(tx: &mut TenantTx<'_>, id: OrderId) -> Result<OrderDetail, ConfirmReceiptError> {
    let party = Counterparty::of(tx, id, PartyRole::Buyer)?.ok_or(ConfirmReceiptError::NotFound)?;
    tx.in_tenant(&party.scope(), |tx| complete(tx, id, Party::Buyer))
}

/// Completes an order in its seller's tenant: releases what is held and tells both parties.
pub(crate) fn complete(tx: &mut TenantTx<'_>, id: OrderId, by: Party) -> Result<OrderDetail, ConfirmReceiptError> {
    let mut order = store::lock(tx, id)?.ok_or(ConfirmReceiptError::NotFound)?;
    if order.status == OrderStatus::Completed {
        return read::order(tx, id)?.ok_or(ConfirmReceiptError::NotFound);
    }
    if !order.status.may_become(OrderStatus::Completed) {
        return Err(ConfirmReceiptError::NotShipped { status: order.status });
    }
    let sold = order.total - order.refunded;
    let Released { to_seller, .. } = payments::release(tx, id, sold, order.commission_basis_points)?;
    store::advance(tx, &mut order, OrderStatus::Completed)?;
    store::note(tx, &order, Step::Completed, by, None)?;
    metering::record(tx, UsageId::from_uuid(id.uuid()), Meter::OrdersValue, sold)?;
    tell::both(tx, &order, &OrderCompleted((&order).into()))?;
    let released = EscrowObject { order_id: id, amount_minor: to_seller.amount_minor, currency: to_seller.currency };
    tell::both(tx, &order, &EscrowReleased(released))?;
    let cause = id.to_string();
    tell::write_both(tx, &order, &Message { template: Template::OrderCompleted, params: json!({}), cause: &cause })?;
    let params = json!({ "amount": tell::readable(to_seller) });
    tell::write_seller(tx, &order, &Message { template: Template::EscrowReleased, params, cause: &cause })?;
    read::order(tx, id)?.ok_or(ConfirmReceiptError::NotFound)
}
