//! What the outcome of a payment or refund does to its order.

use crate::{
    Order, OrderStatus, Party, Step, cancel,
    events::{EscrowHeld, EscrowObject, OrderPaid, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded},
    store,
    tell::{self, Message},
};
use catalogue::ReserveError;
use db::{DbError, TenantTx, schema::orders};
use diesel::prelude::*;
use kernel::ids::OrderId;
use notifications::Template;
use payments::{Listener, NewRefund, Payment, PaymentStatus, PlanRefundError, Refund, RefundStatus};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Orders as those who are told of payments.
#[derive(Debug, Clone, Copy)]
pub struct OrderPayments;

impl Listener for OrderPayments {
    fn lock(&self, tx: &mut TenantTx<'_>, order: OrderId) -> Result<(), DbError> {
        locked(tx, order).map(drop)
    }

    fn payment_changed(&self, tx: &mut TenantTx<'_>, payment: &Payment) -> Result<(), DbError> {
        let order = locked(tx, payment.order_id)?;
        match payment.status {
            PaymentStatus::Succeeded => paid(tx, order, payment),
            PaymentStatus::Failed => refused(tx, &order, payment),
            PaymentStatus::Processing | PaymentStatus::RequiresAction => Ok(()),
        }
    }

    fn refund_changed(&self, tx: &mut TenantTx<'_>, refund: &Refund) -> Result<(), DbError> {
        let order = locked(tx, refund.order_id)?;
        match refund.status {
            RefundStatus::Succeeded => refunded(tx, order, refund),
            RefundStatus::Failed => not_refunded(tx, order, refund),
            RefundStatus::Pending => Ok(()),
        }
    }
}

fn locked(tx: &mut TenantTx<'_>, id: OrderId) -> Result<Order, DbError> {
    store::lock(tx, id)?.ok_or_else(|| DbError::Corrupt(format!("{id} has payments and does not exist")))
}

/// The money has come and is held.
fn paid(tx: &mut TenantTx<'_>, mut order: Order, payment: &Payment) -> Result<(), DbError> {
    tell::both(tx, &order, &PaymentSucceeded(payment.into()))?;
    let held = EscrowObject { order_id: order.id, amount_minor: payment.amount, currency: payment.currency };
    tell::both(tx, &order, &EscrowHeld(held))?;
    if order.status != OrderStatus::AwaitingPayment {
        return give_back(tx, &order, payment, "the order does not wait for a payment");
    }
    if !take_stock(tx, order.id)? {
        cancel::cancel(tx, &mut order, Party::Platform, Some("out of stock"))?;
        return give_back(tx, &order, payment, "out of stock");
    }
    store::advance(tx, &mut order, OrderStatus::Paid)?;
    store::note(tx, &order, Step::Paid, Party::Buyer, None)?;
    tell::both(tx, &order, &OrderPaid((&order).into()))?;
    let params = json!({ "total": tell::readable(order.money()) });
    tell::write_both(tx, &order, &Message { template: Template::OrderPaid, params, cause: &order.id.to_string() })
}

/// Takes all promised units or, when too little is left of one, none.
fn take_stock(tx: &mut TenantTx<'_>, order: OrderId) -> Result<bool, DbError> {
    match tx.attempt(|tx| catalogue::take_reserved(tx, order)) {
        Ok(()) => Ok(true),
        Err(ReserveError::OutOfStock { .. }) => Ok(false),
        Err(ReserveError::Db(error)) => Err(error),
    }
}

/// Sends money back that the order cannot take (INV-O3).
fn give_back(tx: &mut TenantTx<'_>, order: &Order, payment: &Payment, reason: &str) -> Result<(), DbError> {
    let new = NewRefund {
        payment: payment.id,
        amount_minor: Some(payment.amount),
        reason: reason.to_owned(),
        automatic: true,
        request_key: Sha256::digest(format!("returned {}", payment.id)).into(),
    };
    match payments::plan_refund(tx, &new) {
        Ok(_) => store::note(tx, order, Step::PaymentReturned, Party::Platform, Some(reason)),
        Err(PlanRefundError::Db(error)) => Err(error),
        Err(error) => Err(DbError::Corrupt(format!("{} cannot be returned: {error}", payment.id))),
    }
}

fn refused(tx: &mut TenantTx<'_>, order: &Order, payment: &Payment) -> Result<(), DbError> {
    let code = payment.failure_code.as_deref().unwrap_or("unknown");
    store::note(tx, order, Step::PaymentFailed, Party::Buyer, Some(code))?;
    tell::both(tx, order, &PaymentFailed(payment.into()))?;
    let message = Message {
        template: Template::PaymentFailed,
        params: json!({ "reason": code }),
        cause: &payment.id.to_string(),
    };
    tell::write_buyer(tx, order, &message)
}

fn refunded(tx: &mut TenantTx<'_>, mut order: Order, refund: &Refund) -> Result<(), DbError> {
    count_refunded(tx, &mut order)?;
    if order.refunded == order.total && order.status.may_become(OrderStatus::Refunded) {
        store::advance(tx, &mut order, OrderStatus::Refunded)?;
    }
    store::note(tx, &order, Step::Refunded, Party::Platform, Some(&refund.reason))?;
    tell::both(tx, &order, &RefundSucceeded(refund.into()))?;
    let params = json!({ "amount": tell::readable(refund.money()) });
    let message = Message { template: Template::RefundSucceeded, params, cause: &refund.id.to_string() };
    tell::write_both(tx, &order, &message)
}

/// The money stays here; if it was counted as refunded before, it is not any more.
fn not_refunded(tx: &mut TenantTx<'_>, mut order: Order, refund: &Refund) -> Result<(), DbError> {
    count_refunded(tx, &mut order)?;
    tracing::error!(refund = %refund.id, order = %order.id, "a refund failed: the money is still held");
    store::note(tx, &order, Step::RefundFailed, Party::Platform, Some(&refund.reason))?;
    tell::both(tx, &order, &RefundFailed(refund.into()))
}

/// Adds up what went back of the money that was owed.
fn count_refunded(tx: &mut TenantTx<'_>, order: &mut Order) -> Result<(), DbError> {
    let refunds = payments::refunds_of(tx, order.id)?;
    let gone = refunds.iter().filter(|refund| !refund.automatic && refund.status == RefundStatus::Succeeded);
    order.refunded = gone.map(|refund| refund.amount).sum();
    diesel::update(orders::table)
        .filter(orders::tenant_id.eq(tx.tenant()))
        .filter(orders::id.eq(order.id))
        .set(orders::refunded.eq(order.refunded))
        .execute(tx.conn())?;
    Ok(())
}
