//! Payment intents: create, update, capture, cancel. What confirming does is in `confirm`.

use serde_json::{Value, json};

use super::{charges, confirm, payment_methods};
use crate::error::ApiError;
use crate::list::List;
use crate::objects::{number, text};
use crate::params::Params;
use crate::tx::Tx;

const TEXTS: [&str; 9] = [
    "description",
    "on_behalf_of",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];
const CONFIRMING: [&str; 8] = [
    "payment_method",
    "payment_method_data",
    "payment_method_options",
    "payment_method_types",
    "return_url",
    "off_session",
    "error_on_requires_action",
    "use_stripe_sdk",
];
const CREATING: [&str; 9] = [
    "amount",
    "currency",
    "customer",
    "metadata",
    "automatic_payment_methods",
    "capture_method",
    "confirmation_method",
    "confirm",
    "application_fee_amount",
];

pub(crate) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&[&TEXTS[..], &CONFIRMING, &CREATING].concat())?;
    let mut intent = tx.fresh("payment_intent", "pi");
    intent["amount"] = json!(params.required_amount("amount")?);
    intent["currency"] = json!(params.currency()?);
    let secret = tx.new_id("secret");
    intent["client_secret"] = json!(format!("{}_{secret}", text(&intent, "id")));
    choose(&mut intent, params, "capture_method", &["automatic", "automatic_async", "manual"])?;
    choose(&mut intent, params, "confirmation_method", &["automatic", "manual"])?;
    automatic_methods(&mut intent, params)?;
    if let Some(customer) = params.text("customer") {
        intent["customer"] = tx.find("customer", customer, "customer")?["id"].clone();
    }
    write(tx, &mut intent, params)?;
    tx.emit("payment_intent.created", &intent);
    if params.flag("confirm")? {
        return confirm::confirm(tx, intent, params);
    }
    Ok(intent)
}

fn choose(intent: &mut Value, params: &Params, key: &str, known: &[&str]) -> Result<(), ApiError> {
    match params.text(key) {
        Some(value) if !known.contains(&value) => {
            Err(ApiError::invalid(format!("Invalid {key}: must be one of {}", known.join(", "))).param(key))
        }
        Some(value) => {
            intent[key] = json!(value);
            Ok(())
        }
        None => Ok(()),
    }
}

fn automatic_methods(intent: &mut Value, params: &Params) -> Result<(), ApiError> {
    let enabled = params.nested("automatic_payment_methods", "enabled") == Some("true");
    if enabled && params.get("payment_method_types").is_some() {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
        ));
    }
    if enabled {
        let redirects = params.nested("automatic_payment_methods", "allow_redirects").unwrap_or("always");
        intent["automatic_payment_methods"] = json!({"allow_redirects": redirects, "enabled": true});
        let types: &[&str] = if redirects == "never" { &["card"] } else { &payment_methods::TYPES };
        intent["payment_method_types"] = json!(types);
    }
    Ok(())
}

/// Fields that may be given at creation and later.
fn write(tx: &mut Tx<'_>, intent: &mut Value, params: &Params) -> Result<(), ApiError> {
    params.copy_texts(intent, &TEXTS);
    params.merge_metadata(intent)?;
    if let Some(fee) = params.amount("application_fee_amount")? {
        intent["application_fee_amount"] = json!(fee);
    }
    let types = params.texts("payment_method_types");
    if let Some(unknown) = types.iter().find(|kind| !payment_methods::TYPES.contains(&kind.as_str())) {
        return Err(ApiError::invalid(format!("The payment method type \"{unknown}\" is invalid."))
            .param("payment_method_types"));
    }
    if !types.is_empty() {
        intent["payment_method_types"] = json!(types);
    }
    if let Some(options) = params.get("payment_method_options").filter(|options| options.is_object()) {
        intent["payment_method_options"] = options.clone();
    }
    tx.put(intent);
    confirm::choose_method(tx, intent, params)?;
    tx.put(intent);
    if let Some(url) = params.text("return_url") {
        tx.note(text(intent, "id"), "return_url", json!(url));
    }
    Ok(())
}

pub(crate) fn update(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&[&TEXTS[..], &CONFIRMING, &["amount", "currency", "customer", "metadata"]].concat())?;
    let mut intent = tx.find("payment_intent", id, "intent")?;
    let open = confirm::OPEN.contains(&text(&intent, "status"));
    let decisive = ["amount", "currency", "payment_method", "payment_method_data", "payment_method_types"];
    if !open && decisive.iter().any(|key| params.get(key).is_some()) {
        return Err(unexpected_state(&intent, "update"));
    }
    if let Some(amount) = params.amount("amount")? {
        intent["amount"] = json!(amount);
    }
    if params.get("currency").is_some() {
        intent["currency"] = json!(params.currency()?);
    }
    if let Some(customer) = params.text("customer") {
        intent["customer"] = tx.find("customer", customer, "customer")?["id"].clone();
    }
    write(tx, &mut intent, params)?;
    Ok(intent)
}

pub(crate) fn confirm(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params
        .allow(&[&CONFIRMING[..], &["receipt_email", "setup_future_usage", "shipping", "capture_method"]].concat())?;
    let mut intent = tx.find("payment_intent", id, "intent")?;
    if !confirm::OPEN.contains(&text(&intent, "status")) {
        return Err(unexpected_state(&intent, "confirm"));
    }
    choose(&mut intent, params, "capture_method", &["automatic", "automatic_async", "manual"])?;
    write(tx, &mut intent, params)?;
    confirm::confirm(tx, intent, params)
}

pub(crate) fn capture(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["amount_to_capture", "metadata", "statement_descriptor", "statement_descriptor_suffix"])?;
    let mut intent = tx.find("payment_intent", id, "intent")?;
    if text(&intent, "status") != "requires_capture" {
        return Err(unexpected_state(&intent, "capture"));
    }
    let capturable = number(&intent, "amount_capturable");
    let amount = params.amount("amount_to_capture")?.unwrap_or(capturable);
    if amount > capturable {
        return Err(ApiError::invalid(format!(
            "You cannot capture payment intent {id} for more than {capturable} (got {amount})."
        ))
        .code("amount_too_large")
        .param("amount_to_capture"));
    }
    params.merge_metadata(&mut intent)?;
    let mut charge = tx.find("charge", text(&intent, "latest_charge"), "charge")?;
    charges::capture(tx, &mut charge, amount)?;
    tx.emit("charge.captured", &charge);
    confirm::succeeded(tx, intent, amount)
}

pub(crate) fn cancel(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["cancellation_reason"])?;
    let mut intent = tx.find("payment_intent", id, "intent")?;
    let status = text(&intent, "status").to_owned();
    if !confirm::OPEN.contains(&status.as_str()) && status != "requires_capture" && status != "processing" {
        return Err(unexpected_state(&intent, "cancel"));
    }
    choose(
        &mut intent,
        params,
        "cancellation_reason",
        &["abandoned", "duplicate", "fraudulent", "requested_by_customer"],
    )?;
    if status == "requires_capture" {
        let mut charge = tx.find("charge", text(&intent, "latest_charge"), "charge")?;
        charge["amount_refunded"] = charge["amount"].clone();
        charge["refunded"] = json!(true);
        tx.put(&charge);
        tx.emit("charge.refunded", &charge);
    }
    intent["status"] = json!("canceled");
    intent["amount_capturable"] = json!(0);
    intent["canceled_at"] = json!(tx.now());
    intent["next_action"] = Value::Null;
    tx.put(&intent);
    tx.emit("payment_intent.canceled", &intent);
    Ok(intent)
}

/// The refusal of a verb in the intent's present status.
pub(crate) fn unexpected_state(intent: &Value, verb: &str) -> ApiError {
    let status = text(intent, "status");
    ApiError::refused(
        "payment_intent_unexpected_state",
        format!("You cannot {verb} this PaymentIntent because it has a status of {status}."),
    )
    .with("payment_intent", intent.clone())
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    List { kind: "payment_intent", url: "/v1/payment_intents".to_owned(), filters: &["customer"] }.answer(tx, params)
}
