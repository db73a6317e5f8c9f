//! Stripe. Nothing of its shape leaves this room.

mod convert;

use crate::{
    Answer, GatewayConfig, GatewayError, PaymentMethod, ProviderPayment, ProviderRefund,
    operation::{CallRequest, Operation},
};
use kernel::Money;
use std::collections::HashMap;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_core::{
    payment_intent::{
        CreatePaymentIntent, CreatePaymentIntentAutomaticPaymentMethods,
        CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects as Redirects, CreatePaymentIntentPaymentMethodData,
        CreatePaymentIntentPaymentMethodDataType as MethodType, RetrievePaymentIntent,
    },
    refund::{CreateRefund, RetrieveRefund},
};

/// Brings the fee along with a payment.
const FEE: &str = "latest_charge.balance_transaction";

/// Stripe's API behind our own words.
#[derive(Debug)]
pub(crate) struct Stripe {
    client: Client,
}

impl Stripe {
    pub(crate) fn new(config: &GatewayConfig) -> Result<Self, GatewayError> {
        let mut builder = ClientBuilder::new(config.secret_key.expose().as_str()).timeout(config.timeout);
        if let Some(base) = &config.api_base {
            builder = builder.url(format!("{}/", base.trim_end_matches('/')));
        }
        let client = builder.build().map_err(|error| GatewayError::Settings(error.to_string()))?;
        Ok(Self { client })
    }

    pub(crate) async fn perform(&self, operation: &Operation) -> Result<Answer, GatewayError> {
        let strategy = IdempotencyKey::new(operation.key())
            .map(RequestStrategy::Idempotent)
            .map_err(|error| GatewayError::Settings(error.to_string()))?;
        match &operation.request {
            CallRequest::Pay { amount, method, payment_method, return_url } => {
                let mut call = create_intent(*amount, *method, payment_method.as_deref(), operation);
                if let Some(url) = return_url {
                    call = call.return_url(url.as_str());
                }
                let result = call.customize().request_strategy(strategy).send(&self.client).await;
                convert::payment_answer(result)
            }
            CallRequest::Refund { provider_payment, amount } => {
                let call = CreateRefund::new().payment_intent(provider_payment.as_str()).amount(amount.amount_minor);
                let result = call.customize().request_strategy(strategy).send(&self.client).await;
                convert::refund_answer(result)
            }
        }
    }

    pub(crate) async fn payment(&self, provider_id: &str) -> Result<ProviderPayment, GatewayError> {
        let call = RetrievePaymentIntent::new(provider_id).expand(vec![FEE.to_owned()]);
        call.send(&self.client).await.map(|intent| convert::payment(&intent)).map_err(|e| convert::unknown(&e))
    }

    pub(crate) async fn refund(&self, provider_id: &str) -> Result<ProviderRefund, GatewayError> {
        let call = RetrieveRefund::new(provider_id);
        call.send(&self.client).await.map(|refund| convert::refund(&refund)).map_err(|e| convert::unknown(&e))
    }
}

/// A payment intent that is confirmed at once where all that is needed for it is known.
fn create_intent(
    amount: Money,
    method: PaymentMethod,
    payment_method: Option<&str>,
    operation: &Operation,
) -> CreatePaymentIntent {
    let mut methods = CreatePaymentIntentAutomaticPaymentMethods::new(true);
    let wallet = match method {
        PaymentMethod::Card => None,
        PaymentMethod::Alipay => Some(MethodType::Alipay),
        PaymentMethod::WechatPay => Some(MethodType::WechatPay),
    };
    methods.allow_redirects = Some(if wallet.is_some() { Redirects::Always } else { Redirects::Never });
    let mut call = CreatePaymentIntent::new(amount.amount_minor, convert::to_currency(amount.currency))
        .automatic_payment_methods(methods)
        .metadata(HashMap::from([("payment".to_owned(), operation.payment_id.to_string())]))
        .expand(vec![FEE.to_owned()]);
    match (payment_method, wallet) {
        (Some(id), _) => call = call.payment_method(id).confirm(true),
        (None, Some(kind)) => {
            call = call.payment_method_data(CreatePaymentIntentPaymentMethodData::new(kind)).confirm(true);
        }
        (None, None) => {}
    }
    call
}
