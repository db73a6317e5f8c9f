//! A payment and the order of its states.

use chrono::{DateTime, Utc};
use db::schema::payments;
use diesel::prelude::*;
use kernel::{
    Currency, Money,
    ids::{OrderId, PaymentId},
    text_enum,
};

text_enum! {
    /// How a buyer pays.
    pub enum PaymentMethod {
        /// A bank card.
        Card = "card",
        /// Alipay.
        Alipay = "alipay",
        /// WeChat Pay.
        WechatPay = "wechat_pay",
    }
}

text_enum! {
    /// Where a payment stands.
    pub enum PaymentStatus {
        /// At the provider, or on the way there; the outcome is open.
        Processing = "processing",
        /// The buyer must do something first.
        RequiresAction = "requires_action",
        /// The money has come.
        Succeeded = "succeeded",
        /// Refused; a second try is a new payment.
        Failed = "failed",
    }
}

impl PaymentStatus {
    /// Whether the provider's word may move a payment from here to `next`. Success is final; a failure yields only to success,
    /// because money that came has come.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Processing, Self::RequiresAction | Self::Succeeded | Self::Failed)
                | (Self::RequiresAction, Self::Processing | Self::Succeeded | Self::Failed)
                | (Self::Failed, Self::Succeeded)
        )
    }

    /// Whether the outcome is still open.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction)
    }
}

/// A payment of an order, in the tenant of the firm that is paid.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payments)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The order it pays.
    pub order_id: OrderId,
    /// How.
    pub method: PaymentMethod,
    /// Where it stands.
    pub status: PaymentStatus,
    /// How much, in minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// The provider's fee in minor units, once known.
    pub fee: Option<i64>,
    /// The provider's id of it, once known.
    pub provider_id: Option<String>,
    /// For the payer's browser to finish the payment with.
    pub client_secret: Option<String>,
    /// Where the payer goes to finish the payment.
    pub redirect_url: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

impl Payment {
    /// How much.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// A wish to pay.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// The order.
    pub order: OrderId,
    /// How much; positive.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// The provider's payment method: given, the payment is confirmed on the server.
    pub payment_method: Option<String>,
    /// Where the payer comes back to.
    pub return_url: Option<String>,
    /// Digest of the payer's idempotency key.
    pub request_key: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_final_and_failure_yields_only_to_success() {
        for next in PaymentStatus::ALL {
            assert!(!PaymentStatus::Succeeded.may_become(*next));
            assert_eq!(PaymentStatus::Failed.may_become(*next), *next == PaymentStatus::Succeeded);
            assert!(!next.may_become(*next));
        }
        assert!(!PaymentStatus::RequiresAction.may_become(PaymentStatus::RequiresAction));
    }
}
