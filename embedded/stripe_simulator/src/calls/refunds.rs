//! Refunds, full and partial, never more than was captured.

use serde_json::{Value, json};

use super::{charges, payment_methods, reversals};
use crate::cards::Behaviour;
use crate::error::ApiError;
use crate::list::List;
use crate::objects::{number, push, text};
use crate::params::Params;
use crate::tx::{Posting, Tx};

const KNOWN: [&str; 7] =
    ["charge", "payment_intent", "amount", "reason", "metadata", "reverse_transfer", "refund_application_fee"];
const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

pub(crate) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&KNOWN)?;
    let mut charge = find_charge(tx, params)?;
    let amount = allowed_amount(&charge, params.amount("amount")?)?;
    let mut refund = tx.fresh("refund", "re");
    for key in ["currency", "customer", "payment_intent", "payment_method"] {
        refund[key] = charge[key].clone();
    }
    refund["charge"] = charge["id"].clone();
    refund["amount"] = json!(amount);
    if let Some(reason) = params.text("reason") {
        if !REASONS.contains(&reason) {
            return Err(
                ApiError::invalid(format!("Invalid reason: must be one of {}", REASONS.join(", "))).param("reason")
            );
        }
        refund["reason"] = json!(reason);
    }
    describe(&mut refund, &charge);
    params.merge_metadata(&mut refund)?;
    if params.flag("reverse_transfer")? {
        refund["transfer_reversal"] = json!(reversals::of_charge(tx, &charge, amount)?);
    }
    pay_back(tx, &mut refund, &mut charge)?;
    settle(tx, refund, charge)
}

fn find_charge(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    if let Some(id) = params.text("charge") {
        return tx.find("charge", id, "charge");
    }
    let intent = tx.find("payment_intent", params.require("payment_intent")?, "payment_intent")?;
    let charge = tx.find("charge", text(&intent, "latest_charge"), "charge").ok();
    charge.filter(|charge| charge["captured"] == json!(true)).ok_or_else(|| {
        ApiError::refused(
            "payment_intent_unexpected_state",
            format!("This PaymentIntent ({}) does not have a successful charge to refund.", text(&intent, "id")),
        )
    })
}

fn allowed_amount(charge: &Value, asked: Option<i64>) -> Result<i64, ApiError> {
    let id = text(charge, "id");
    let left = charges::refundable(charge);
    if charge["captured"] != json!(true) {
        return Err(ApiError::refused("charge_not_refundable", format!("Charge {id} has not been captured.")));
    }
    if charge["disputed"] == json!(true) {
        return Err(ApiError::refused(
            "charge_disputed",
            format!("Charge {id} has been charged back; cannot issue a refund."),
        ));
    }
    if left == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(ApiError::refused("charge_already_refunded", message));
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
        return Err(ApiError::refused("amount_too_large", message).param("amount"));
    }
    Ok(amount)
}

fn describe(refund: &mut Value, charge: &Value) {
    let kind = text(&charge["payment_method_details"], "type");
    if kind != "card" {
        refund["destination_details"] = json!({"type": kind, kind: {}});
    }
}

fn pay_back(tx: &mut Tx<'_>, refund: &mut Value, charge: &mut Value) -> Result<(), ApiError> {
    let amount = number(refund, "amount");
    let posting = Posting {
        kind: "refund",
        source: text(refund, "id"),
        currency: text(refund, "currency"),
        amount: -amount,
        fee: 0,
    };
    refund["balance_transaction"] = json!(tx.post(tx.context.account.clone(), &posting)?);
    add_refunded(charge, amount);
    Ok(())
}

fn add_refunded(charge: &mut Value, amount: i64) {
    let refunded = number(charge, "amount_refunded").saturating_add(amount);
    charge["amount_refunded"] = json!(refunded);
    charge["refunded"] = json!(charges::refundable(charge) == 0);
}

/// Stores refund and charge and tells what became of them, by the card's behaviour.
fn settle(tx: &mut Tx<'_>, mut refund: Value, mut charge: Value) -> Result<Value, ApiError> {
    let method = tx.stored(text(&charge, "payment_method")).map_or(Value::Null, |stored| stored.value.clone());
    let behaviour = payment_methods::behaviour(tx, &method);
    refund["status"] = json!(if behaviour == Behaviour::RefundPends { "pending" } else { "succeeded" });
    push(&mut charge["refunds"], refund.clone());
    tx.put(&refund);
    tx.put(&charge);
    tx.emit("refund.created", &refund);
    tx.emit("charge.refunded", &charge);
    let answer = refund.clone();
    match behaviour {
        Behaviour::RefundPends => {
            refund["status"] = json!("succeeded");
            tx.put(&refund);
            tx.emit("refund.updated", &refund);
        }
        Behaviour::RefundFails => bounce(tx, refund, charge)?,
        _ => {}
    }
    Ok(answer)
}

/// The buyer's bank sends the money back.
fn bounce(tx: &mut Tx<'_>, mut refund: Value, mut charge: Value) -> Result<(), ApiError> {
    let amount = number(&refund, "amount");
    let posting = Posting {
        kind: "refund_failure",
        source: text(&refund, "id"),
        currency: text(&refund, "currency"),
        amount,
        fee: 0,
    };
    let transaction = tx.post(tx.context.account.clone(), &posting)?;
    refund["failure_balance_transaction"] = json!(transaction);
    refund["failure_reason"] = json!("expired_or_canceled_card");
    refund["status"] = json!("failed");
    add_refunded(&mut charge, -amount);
    tx.put(&refund);
    tx.put(&charge);
    tx.emit("refund.updated", &refund);
    tx.emit("refund.failed", &refund);
    Ok(())
}

pub(crate) fn update(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["metadata"])?;
    let mut refund = tx.find("refund", id, "refund")?;
    params.merge_metadata(&mut refund)?;
    tx.put(&refund);
    tx.emit("refund.updated", &refund);
    Ok(refund)
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    List { kind: "refund", url: "/v1/refunds".to_owned(), filters: &["charge", "payment_intent"] }.answer(tx, params)
}
