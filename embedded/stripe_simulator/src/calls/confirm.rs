//! Confirming a payment intent: success, refusal, or an action of the buyer first.

use serde_json::{Value, json};

use super::{charges, disputes, payment_methods};
use crate::cards::Behaviour;
use crate::error::{ApiError, doc_url};
use crate::objects::text;
use crate::params::Params;
use crate::tx::Tx;

/// Statuses in which an intent may still be confirmed.
pub(crate) const OPEN: [&str; 3] = ["requires_payment_method", "requires_confirmation", "requires_action"];

/// Puts the payment method the call names (or describes) on the intent.
pub(crate) fn choose_method(tx: &mut Tx<'_>, intent: &mut Value, params: &Params) -> Result<(), ApiError> {
    let method = match (params.text("payment_method"), params.get("payment_method_data")) {
        (Some(id), _) => payment_methods::resolve(tx, id)?,
        (None, Some(Value::Object(data))) => {
            let data = Params::new(data.clone());
            let kind = data.require("type")?.to_owned();
            payment_methods::from_params(tx, &data, &kind)?
        }
        _ => return Ok(()),
    };
    let kind = text(&method, "type");
    let allowed = intent["payment_method_types"].as_array().is_some_and(|types| types.iter().any(|one| one == kind));
    if !allowed {
        return Err(ApiError::invalid(format!(
            "The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent."
        ))
        .param("payment_method"));
    }
    let owner = &method["customer"];
    if !owner.is_null() && *owner != intent["customer"] {
        return Err(
            ApiError::invalid("The provided PaymentMethod belongs to another customer.").param("payment_method")
        );
    }
    intent["payment_method"] = method["id"].clone();
    if OPEN.contains(&text(intent, "status")) {
        intent["status"] = json!("requires_confirmation");
        intent["next_action"] = Value::Null;
    }
    Ok(())
}

/// Confirms with the payment method that stands on the intent.
pub(crate) fn confirm(tx: &mut Tx<'_>, intent: Value, params: &Params) -> Result<Value, ApiError> {
    if intent["payment_method"].is_null() {
        return Err(ApiError::refused(
            "payment_intent_unexpected_state",
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
        )
        .with("payment_intent", intent));
    }
    let method = tx.find("payment_method", text(&intent, "payment_method"), "payment_method")?;
    if text(&method, "type") != "card" {
        return Ok(require_action(tx, intent, text(&method, "type")));
    }
    match payment_methods::behaviour(tx, &method) {
        Behaviour::Decline(code, reason, message) => refuse(tx, intent, &Decline { code, reason, message }),
        Behaviour::Authenticate if params.flag("off_session")? || params.flag("error_on_requires_action")? => {
            refuse(tx, intent, &NOT_AUTHENTICATED)
        }
        Behaviour::Authenticate => Ok(require_action(tx, intent, "card")),
        _ => succeed(tx, intent),
    }
}

/// A refusal by the bank.
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) message: &'static str,
}

const NOT_AUTHENTICATED: Decline = Decline {
    code: "authentication_required",
    reason: "authentication_required",
    message: "Your card was declined. This transaction requires authentication.",
};

fn refuse(tx: &mut Tx<'_>, intent: Value, decline: &Decline) -> Result<Value, ApiError> {
    let (error, intent) = fail(tx, intent, decline)?;
    Err(ApiError::card(&error, intent))
}

/// Asks the buyer to act: a page to visit, or a code to scan.
fn require_action(tx: &mut Tx<'_>, mut intent: Value, kind: &str) -> Value {
    let id = text(&intent, "id");
    let url = format!("{}/sim/authorize/{id}", tx.context.base_url);
    let return_url = tx.notes(id)["return_url"].clone();
    intent["next_action"] = match kind {
        "alipay" => json!({
            "type": "alipay_handle_redirect",
            "alipay_handle_redirect": {"native_data": null, "native_url": null, "return_url": return_url, "url": url},
        }),
        "wechat_pay" => json!({
            "type": "wechat_pay_display_qr_code",
            "wechat_pay_display_qr_code": {
                "data": url, "hosted_instructions_url": url, "image_data_url": "data:image/png;base64,",
                "image_url_png": url, "image_url_svg": url,
            },
        }),
        _ if return_url.is_null() => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url},
        }),
        _ => json!({"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}),
    };
    intent["status"] = json!("requires_action");
    tx.put(&intent);
    tx.emit("payment_intent.requires_action", &intent);
    intent
}

/// The bank agrees: money is taken, or held when capture is manual.
pub(crate) fn succeed(tx: &mut Tx<'_>, mut intent: Value) -> Result<Value, ApiError> {
    let amount = intent["amount"].as_i64().unwrap_or_default();
    let mut charge = charges::new(tx, &intent);
    charge["paid"] = json!(true);
    charge["status"] = json!("succeeded");
    intent["latest_charge"] = charge["id"].clone();
    intent["last_payment_error"] = Value::Null;
    if text(&intent, "capture_method") == "manual" {
        tx.put(&charge);
        tx.emit("charge.succeeded", &charge);
        intent["status"] = json!("requires_capture");
        intent["next_action"] = Value::Null;
        intent["amount_capturable"] = json!(amount);
        tx.put(&intent);
        tx.emit("payment_intent.amount_capturable_updated", &intent);
        return Ok(intent);
    }
    charges::capture(tx, &mut charge, amount)?;
    tx.emit("charge.succeeded", &charge);
    succeeded(tx, intent, amount)
}

/// The intent's end: `amount` minor units were received.
pub(crate) fn succeeded(tx: &mut Tx<'_>, mut intent: Value, amount: i64) -> Result<Value, ApiError> {
    intent["status"] = json!("succeeded");
    intent["amount_received"] = json!(amount);
    intent["amount_capturable"] = json!(0);
    intent["next_action"] = Value::Null;
    intent["processing"] = Value::Null;
    tx.put(&intent);
    tx.emit("payment_intent.succeeded", &intent);
    let method = tx.find("payment_method", text(&intent, "payment_method"), "payment_method")?;
    if let Behaviour::Dispute(reason) = payment_methods::behaviour(tx, &method) {
        disputes::open(tx, text(&intent, "latest_charge"), reason)?;
    }
    Ok(intent)
}

/// The payment fails: a failed charge, and the intent asks for another payment method.
/// Gives the error and the intent.
pub(crate) fn fail(tx: &mut Tx<'_>, mut intent: Value, decline: &Decline) -> Result<(Value, Value), ApiError> {
    let mut charge = charges::new(tx, &intent);
    charge["status"] = json!("failed");
    charge["failure_code"] = json!(decline.code);
    charge["failure_message"] = json!(decline.message);
    charge["outcome"]["type"] = json!("issuer_declined");
    charge["outcome"]["network_status"] = json!("declined_by_network");
    charge["outcome"]["reason"] = json!(decline.reason);
    charge["outcome"]["seller_message"] = json!("The bank did not return any further details with this decline.");
    tx.put(&charge);
    tx.emit("charge.failed", &charge);
    let method = tx.find("payment_method", text(&intent, "payment_method"), "payment_method")?;
    let is_card = text(&method, "type") == "card";
    let mut error = json!({
        "type": if is_card { "card_error" } else { "invalid_request_error" },
        "code": decline.code, "message": decline.message, "doc_url": doc_url(decline.code),
        "charge": charge["id"], "payment_method": method,
    });
    if is_card {
        error["decline_code"] = json!(decline.reason);
    }
    intent["status"] = json!("requires_payment_method");
    intent["latest_charge"] = charge["id"].clone();
    intent["payment_method"] = Value::Null;
    intent["next_action"] = Value::Null;
    intent["processing"] = Value::Null;
    intent["last_payment_error"] = error.clone();
    tx.put(&intent);
    tx.emit("payment_intent.payment_failed", &intent);
    Ok((error, intent))
}
