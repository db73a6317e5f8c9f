//! From Stripe's words to ours. Answers hold secrets and names, so no answer is ever printed whole.

use crate::{Answer, GatewayError, PaymentStatus, ProviderPayment, ProviderRefund, RefundStatus};
use kernel::{Currency, Money};
use stripe::{ApiErrors, ApiErrorsType, StripeError};
use stripe_shared::{PaymentIntent, PaymentIntentNextAction, PaymentIntentStatus, Refund};
use stripe_types::Expandable;

/// Stripe's name of a currency of ours.
pub(super) fn to_currency(currency: Currency) -> stripe_types::Currency {
    match currency {
        Currency::Cny => stripe_types::Currency::CNY,
        Currency::Hkd => stripe_types::Currency::HKD,
        Currency::Usd => stripe_types::Currency::USD,
        Currency::Eur => stripe_types::Currency::EUR,
        Currency::Gbp => stripe_types::Currency::GBP,
        Currency::Sgd => stripe_types::Currency::SGD,
        Currency::Jpy => stripe_types::Currency::JPY,
    }
}

fn money(amount: i64, currency: &stripe_types::Currency) -> Option<Money> {
    Currency::ALL.iter().find(|ours| to_currency(**ours) == *currency).map(|ours| Money::new(amount, *ours))
}

pub(super) fn payment_answer(result: Result<PaymentIntent, StripeError>) -> Result<Answer, GatewayError> {
    match result {
        Ok(intent) => Ok(Answer::Payment(payment(&intent))),
        Err(StripeError::Stripe(error, 402)) => Ok(match &error.payment_intent {
            Some(intent) => {
                let failure_code = Some(failure_code(&error));
                Answer::Payment(ProviderPayment { status: PaymentStatus::Failed, failure_code, ..payment(intent) })
            }
            None => Answer::Refused { code: failure_code(&error) },
        }),
        Err(error) => refusal(error),
    }
}

pub(super) fn refund_answer(result: Result<Refund, StripeError>) -> Result<Answer, GatewayError> {
    match result {
        Ok(object) => Ok(Answer::Refund(refund(&object))),
        Err(error) => refusal(error),
    }
}

/// A refusal for certain, or an unknown outcome.
fn refusal(error: StripeError) -> Result<Answer, GatewayError> {
    match error {
        StripeError::Stripe(error, 400 | 402 | 404) if !matches!(error.type_, ApiErrorsType::IdempotencyError) => {
            Ok(Answer::Refused { code: failure_code(&error) })
        }
        error => Err(unknown(&error)),
    }
}

/// What is said of an error of which nothing is known for certain.
pub(super) fn unknown(error: &StripeError) -> GatewayError {
    match error {
        StripeError::Stripe(error, status) => {
            GatewayError::NoAnswer(format!("status {status}, {} {}", error.type_.as_str(), failure_code(error)))
        }
        StripeError::JSONDeserialize(what) => GatewayError::Nonsense(what.clone()),
        StripeError::ClientError(what) => GatewayError::NoAnswer(what.clone()),
        StripeError::Timeout => GatewayError::NoAnswer("timeout".to_owned()),
        StripeError::ConfigError(what) => GatewayError::Settings(what.clone()),
    }
}

/// The reason a payer can act on: the bank's where it gave one, else Stripe's.
fn failure_code(error: &ApiErrors) -> String {
    let code = error.code.as_ref().map_or_else(|| error.type_.as_str(), |code| code.as_str());
    match error.decline_code.as_deref() {
        Some("generic_decline") | None => code.to_owned(),
        Some(reason) => reason.to_owned(),
    }
}

pub(super) fn payment(intent: &PaymentIntent) -> ProviderPayment {
    let status = match &intent.status {
        PaymentIntentStatus::Succeeded => PaymentStatus::Succeeded,
        PaymentIntentStatus::Canceled => PaymentStatus::Failed,
        PaymentIntentStatus::RequiresPaymentMethod if intent.last_payment_error.is_some() => PaymentStatus::Failed,
        PaymentIntentStatus::RequiresPaymentMethod
        | PaymentIntentStatus::RequiresAction
        | PaymentIntentStatus::RequiresConfirmation => PaymentStatus::RequiresAction,
        // Also states that Stripe may add: the outcome is open.
        _ => PaymentStatus::Processing,
    };
    let canceled = || matches!(intent.status, PaymentIntentStatus::Canceled).then(|| "canceled".to_owned());
    ProviderPayment {
        provider_id: intent.id.to_string(),
        status,
        money: money(intent.amount, &intent.currency),
        fee: fee(intent),
        failure_code: intent.last_payment_error.as_deref().map(failure_code).or_else(canceled),
        client_secret: intent.client_secret.clone(),
        redirect_url: intent.next_action.as_ref().and_then(redirect_url),
    }
}

fn redirect_url(action: &PaymentIntentNextAction) -> Option<String> {
    let redirect = action.redirect_to_url.as_ref().and_then(|to| to.url.clone());
    let alipay = || action.alipay_handle_redirect.as_ref().and_then(|to| to.url.clone());
    let wechat = || action.wechat_pay_display_qr_code.as_ref().map(|code| code.hosted_instructions_url.clone());
    redirect.or_else(alipay).or_else(wechat)
}

fn fee(intent: &PaymentIntent) -> Option<Money> {
    let Some(Expandable::Object(charge)) = &intent.latest_charge else { return None };
    let Some(Expandable::Object(transaction)) = &charge.balance_transaction else { return None };
    money(transaction.fee, &transaction.currency)
}

pub(super) fn refund(refund: &Refund) -> ProviderRefund {
    let status = match refund.status.as_deref() {
        Some("succeeded") => RefundStatus::Succeeded,
        Some("failed" | "canceled") => RefundStatus::Failed,
        _ => RefundStatus::Pending,
    };
    ProviderRefund {
        provider_id: refund.id.to_string(),
        status,
        money: money(refund.amount, &refund.currency),
        failure_code: refund.failure_reason.clone(),
    }
}
