//! The seam to payment providers: what we ask and what we hear, in our own words.

use crate::{PaymentStatus, RefundStatus, operation::Operation, stripe::Stripe};
use kernel::{Money, secrets::Secret};
use std::{sync::Arc, time::Duration};

/// How to reach the provider.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Base URL of its API; unset: the provider's own.
    pub api_base: Option<String>,
    /// Secret key.
    pub secret_key: Secret,
    /// The longest one call may take.
    pub timeout: Duration,
}

/// A payment as the provider knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPayment {
    /// The provider's id.
    pub provider_id: String,
    /// Its state, in our words.
    pub status: PaymentStatus,
    /// The amount and, where it is one of ours, its currency.
    pub money: Option<Money>,
    /// The provider's fee, once known.
    pub fee: Option<Money>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// For the payer's browser.
    pub client_secret: Option<String>,
    /// Where the payer goes.
    pub redirect_url: Option<String>,
}

/// A refund as the provider knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRefund {
    /// The provider's id.
    pub provider_id: String,
    /// Its state, in our words.
    pub status: RefundStatus,
    /// The amount and, where it is one of ours, its currency.
    pub money: Option<Money>,
    /// Why it failed.
    pub failure_code: Option<String>,
}

/// The definite outcome of an operation.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A payment exists at the provider.
    Payment(ProviderPayment),
    /// A refund exists at the provider.
    Refund(ProviderRefund),
    /// The provider refused: nothing exists there.
    Refused {
        /// The provider's code of the reason.
        code: String,
    },
}

/// No outcome is known: the call may have had its effect or not. Repeat it under the same key.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// No answer came in time, or the connection failed, or the provider is in trouble.
    #[error("the payment provider gave no answer: {0}")]
    NoAnswer(String),
    /// The answer makes no sense.
    #[error("the payment provider's answer cannot be understood: {0}")]
    Nonsense(String),
    /// The client cannot be set up as configured.
    #[error("the payment provider's settings are wrong: {0}")]
    Settings(String),
}

/// The payment provider. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gateway(Arc<Stripe>);

impl Gateway {
    /// The provider's name in our tables.
    pub const PROVIDER: &'static str = "stripe";

    /// Prepares the client; nothing is sent.
    pub fn new(config: &GatewayConfig) -> Result<Self, GatewayError> {
        Stripe::new(config).map(|stripe| Self(Arc::new(stripe)))
    }

    /// Makes a planned call under the operation's key; safe to repeat (INV-P1).
    pub async fn perform(&self, operation: &Operation) -> Result<Answer, GatewayError> {
        self.0.perform(operation).await
    }

    /// The present state of a payment.
    pub async fn payment(&self, provider_id: &str) -> Result<ProviderPayment, GatewayError> {
        self.0.payment(provider_id).await
    }

    /// The present state of a refund.
    pub async fn refund(&self, provider_id: &str) -> Result<ProviderRefund, GatewayError> {
        self.0.refund(provider_id).await
    }
}
