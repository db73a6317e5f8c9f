use kernel::{
    Currency,
    ids::{OrderId, PaymentId, RefundId},
};
use payments::{Payment, PaymentMethod, PaymentStatus, Refund, RefundStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// A payment of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentView {
    /// Its id.
    pub id: PaymentId,
    /// The order.
    pub order_id: OrderId,
    /// How.
    pub method: PaymentMethod,
    /// Where it stands.
    pub status: PaymentStatus,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
    /// For the payer's browser to finish the payment with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Where the payer goes to finish the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
}

impl PaymentView {
    /// As the payer sees it.
    pub(crate) fn for_payer(payment: Payment) -> Self {
        Self {
            id: payment.id,
            order_id: payment.order_id,
            method: payment.method,
            status: payment.status,
            amount_minor: payment.amount,
            currency: payment.currency,
            client_secret: payment.client_secret,
            redirect_url: payment.redirect_url,
            failure_code: payment.failure_code,
        }
    }

    /// As the firm that is paid sees it: without what finishes the payment.
    pub(crate) fn for_payee(payment: Payment) -> Self {
        Self { client_secret: None, redirect_url: None, ..Self::for_payer(payment) }
    }
}

/// Money sent back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefundView {
    /// Its id.
    pub id: RefundId,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
    /// Why.
    pub reason: String,
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        Self {
            id: refund.id,
            status: refund.status,
            amount_minor: refund.amount,
            currency: refund.currency,
            reason: refund.reason,
        }
    }
}
