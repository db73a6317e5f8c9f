//! What the buyer does on the authorisation page of a bank or wallet.

use serde_json::{Value, json};

use super::confirm::{Decline, fail, succeed};
use super::payment_intents::unexpected_state;
use crate::error::ApiError;
use crate::objects::text;
use crate::params::Params;
use crate::tx::Tx;

const REFUSED: Decline = Decline {
    code: "payment_intent_authentication_failure",
    reason: "authentication_failed",
    message: "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
              PaymentMethod to attempt to fulfill this PaymentIntent again.",
};

/// Completes the action: `outcome` is `succeed`, `fail` or `process` (the bank takes its time).
pub(crate) fn complete(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["outcome"])?;
    let intent = tx.find("payment_intent", id, "intent")?;
    let status = text(&intent, "status");
    if status != "requires_action" && status != "processing" {
        return Err(unexpected_state(&intent, "authorize"));
    }
    let mut answer = match params.text("outcome").unwrap_or("succeed") {
        "succeed" => succeed(tx, intent)?,
        "fail" => fail(tx, intent, &REFUSED)?.1,
        "process" => process(tx, intent),
        other => return Err(ApiError::invalid(format!("Invalid outcome: {other}")).param("outcome")),
    };
    answer["return_url"] = tx.notes(id)["return_url"].clone();
    Ok(answer)
}

fn process(tx: &mut Tx<'_>, mut intent: Value) -> Value {
    intent["status"] = json!("processing");
    intent["next_action"] = Value::Null;
    tx.put(&intent);
    tx.emit("payment_intent.processing", &intent);
    intent
}
