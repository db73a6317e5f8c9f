//! Disputes: the buyer's bank takes the money back until somebody wins.

use serde_json::{Value, json};

use super::charges;
use crate::error::ApiError;
use crate::list::List;
use crate::objects::{number, text};
use crate::params::Params;
use crate::tx::{Posting, Tx};

/// Stripe's fee for a dispute, minor units; given back when the dispute is won.
const FEE: i64 = 1500;
/// Time to answer, seconds.
const ANSWER_WITHIN: i64 = 7 * 24 * 3600;

/// Opens a dispute over all that is left of a charge.
pub(crate) fn open(tx: &mut Tx<'_>, charge: &str, reason: &str) -> Result<(), ApiError> {
    let mut charge = tx.find("charge", charge, "charge")?;
    let mut dispute = tx.fresh("dispute", "dp");
    dispute["charge"] = charge["id"].clone();
    for key in ["currency", "payment_intent"] {
        dispute[key] = charge[key].clone();
    }
    dispute["amount"] = json!(charges::refundable(&charge));
    dispute["reason"] = json!(reason);
    dispute["evidence_details"]["due_by"] = json!(tx.now() + ANSWER_WITHIN);
    dispute["payment_method_details"]["card"]["brand"] = charge["payment_method_details"]["card"]["brand"].clone();
    charge["disputed"] = json!(true);
    tx.put(&charge);
    move_money(tx, &mut dispute, -1)?;
    tx.emit("charge.dispute.created", &dispute);
    tx.emit("charge.dispute.funds_withdrawn", &dispute);
    Ok(())
}

/// Withdraws (`-1`) or reinstates (`1`) the disputed amount with its fee, and stores the dispute.
fn move_money(tx: &mut Tx<'_>, dispute: &mut Value, direction: i64) -> Result<(), ApiError> {
    let posting = Posting {
        kind: "adjustment",
        source: text(dispute, "id"),
        currency: text(dispute, "currency"),
        amount: number(dispute, "amount").saturating_mul(direction),
        fee: FEE * -direction,
    };
    let id = tx.post(tx.context.account.clone(), &posting)?;
    let transaction = tx.find("balance_transaction", &id, "id")?;
    if let Some(transactions) = dispute["balance_transactions"].as_array_mut() {
        transactions.push(transaction);
    }
    tx.put(dispute);
    Ok(())
}

pub(crate) fn update(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["evidence", "metadata", "submit"])?;
    let mut dispute = answerable(tx, id)?;
    params.merge_metadata(&mut dispute)?;
    if let Some(Value::Object(evidence)) = params.get("evidence") {
        for (key, value) in evidence {
            if dispute["evidence"].get(key).is_none() {
                return Err(ApiError::invalid(format!("Received unknown parameter: evidence[{key}]"))
                    .code("parameter_unknown")
                    .param(&format!("evidence[{key}]")));
            }
            dispute["evidence"][key] = value.clone();
        }
        dispute["evidence_details"]["has_evidence"] = json!(true);
    }
    tx.put(&dispute);
    // Stripe submits unless told otherwise.
    if params.get("evidence").is_some() && params.text("submit") != Some("false") {
        return submit(tx, dispute);
    }
    tx.emit("charge.dispute.updated", &dispute);
    Ok(dispute)
}

/// Hands the evidence to the bank; Stripe's two magic texts decide at once.
fn submit(tx: &mut Tx<'_>, mut dispute: Value) -> Result<Value, ApiError> {
    let count = number(&dispute["evidence_details"], "submission_count");
    dispute["evidence_details"]["submission_count"] = json!(count + 1);
    dispute["status"] = json!("under_review");
    tx.put(&dispute);
    tx.emit("charge.dispute.updated", &dispute);
    match text(&dispute["evidence"], "uncategorized_text") {
        "winning_evidence" => end(tx, dispute, "won"),
        "losing_evidence" => end(tx, dispute, "lost"),
        _ => Ok(dispute),
    }
}

fn end(tx: &mut Tx<'_>, mut dispute: Value, status: &str) -> Result<Value, ApiError> {
    dispute["status"] = json!(status);
    if status == "won" {
        move_money(tx, &mut dispute, 1)?;
        tx.emit("charge.dispute.funds_reinstated", &dispute);
    }
    tx.put(&dispute);
    tx.emit("charge.dispute.closed", &dispute);
    Ok(dispute)
}

/// Accepts the loss.
pub(crate) fn close(tx: &mut Tx<'_>, id: &str) -> Result<Value, ApiError> {
    let dispute = answerable(tx, id)?;
    end(tx, dispute, "lost")
}

fn answerable(tx: &Tx<'_>, id: &str) -> Result<Value, ApiError> {
    let dispute = tx.find("dispute", id, "dispute")?;
    if matches!(text(&dispute, "status"), "won" | "lost") {
        return Err(ApiError::refused("dispute_already_closed", "This dispute is already closed."));
    }
    Ok(dispute)
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    List { kind: "dispute", url: "/v1/disputes".to_owned(), filters: &["charge", "payment_intent"] }.answer(tx, params)
}
