//! What integrators are told. Amounts are in minor units.

use crate::{Order, OrderStatus};
use jobs::Event;
use kernel::{
    Currency,
    ids::{OrderId, PaymentId, RefundId, TenantId},
};
use payments::{Payment, PaymentStatus, Refund, RefundStatus};
use serde::Serialize;

/// An order as its events show it.
#[derive(Debug, Serialize)]
pub(crate) struct OrderObject {
    id: OrderId,
    number: String,
    status: OrderStatus,
    buyer_id: TenantId,
    seller_id: TenantId,
    total_minor: i64,
    refunded_minor: i64,
    currency: Currency,
}

impl From<&Order> for OrderObject {
    fn from(order: &Order) -> Self {
        Self {
            id: order.id,
            number: order.number_text(),
            status: order.status,
            buyer_id: order.buyer_id,
            seller_id: order.seller_id,
            total_minor: order.total,
            refunded_minor: order.refunded,
            currency: order.currency,
        }
    }
}

macro_rules! order_events {
    ($($name:ident = $text:literal),+ $(,)?) => {
        $(
            #[derive(Debug, Serialize)]
            pub(crate) struct $name(pub(crate) OrderObject);
            impl Event for $name {
                const TYPE: &'static str = $text;
            }
        )+
    };
}

order_events! {
    OrderPlaced = "order.placed",
    OrderPaid = "order.paid",
    OrderShipped = "order.shipped",
    OrderCompleted = "order.completed",
    OrderCancelled = "order.cancelled",
}

/// A payment as its events show it.
#[derive(Debug, Serialize)]
pub(crate) struct PaymentObject {
    id: PaymentId,
    order_id: OrderId,
    status: PaymentStatus,
    amount_minor: i64,
    currency: Currency,
    failure_code: Option<String>,
}

impl From<&Payment> for PaymentObject {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id,
            order_id: payment.order_id,
            status: payment.status,
            amount_minor: payment.amount,
            currency: payment.currency,
            failure_code: payment.failure_code.clone(),
        }
    }
}

/// A refund as its events show it.
#[derive(Debug, Serialize)]
pub(crate) struct RefundObject {
    id: RefundId,
    order_id: OrderId,
    payment_id: PaymentId,
    status: RefundStatus,
    amount_minor: i64,
    currency: Currency,
}

impl From<&Refund> for RefundObject {
    fn from(refund: &Refund) -> Self {
        Self {
            id: refund.id,
            order_id: refund.order_id,
            payment_id: refund.payment_id,
            status: refund.status,
            amount_minor: refund.amount,
            currency: refund.currency,
        }
    }
}

/// Money of an order that came into escrow or left it for the seller.
#[derive(Debug, Serialize)]
pub(crate) struct EscrowObject {
    pub(crate) order_id: OrderId,
    pub(crate) amount_minor: i64,
    pub(crate) currency: Currency,
}

macro_rules! money_events {
    ($($name:ident($object:ty) = $text:literal),+ $(,)?) => {
        $(
            #[derive(Debug, Serialize)]
            pub(crate) struct $name(pub(crate) $object);
            impl Event for $name {
                const TYPE: &'static str = $text;
            }
        )+
    };
}

money_events! {
    PaymentSucceeded(PaymentObject) = "payment.succeeded",
    PaymentFailed(PaymentObject) = "payment.failed",
    RefundSucceeded(RefundObject) = "refund.succeeded",
    RefundFailed(RefundObject) = "refund.failed",
    EscrowHeld(EscrowObject) = "escrow.held",
    EscrowReleased(EscrowObject) = "escrow.released",
}
