//! Payouts from a balance to a bank account. The simulated bank decides at once.

use serde_json::{Value, json};

use super::transfers::require_funds;
use crate::error::ApiError;
use crate::list::List;
use crate::objects::{number, text};
use crate::params::Params;
use crate::tx::{Posting, Tx};

const KNOWN: [&str; 8] =
    ["amount", "currency", "description", "destination", "metadata", "method", "source_type", "statement_descriptor"];

pub(crate) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&KNOWN)?;
    let mut payout = tx.fresh("payout", "po");
    payout["amount"] = json!(params.required_amount("amount")?);
    payout["currency"] = json!(params.currency()?);
    payout["arrival_date"] = json!(tx.now());
    payout["destination"] = json!(bank_of(tx)?);
    params.copy_texts(&mut payout, &["description", "statement_descriptor", "method"]);
    params.merge_metadata(&mut payout)?;
    let owner = tx.context.account.clone();
    require_funds(tx, owner.as_deref(), text(&payout, "currency"), number(&payout, "amount"))?;
    payout["balance_transaction"] = json!(post(tx, &payout, "payout", -1)?);
    tx.put(&payout);
    tx.emit("payout.created", &payout);
    let answer = payout.clone();
    arrive(tx, payout)?;
    Ok(answer)
}

/// The bank account of the caller; the platform has one, a seller has it after onboarding.
fn bank_of(tx: &mut Tx<'_>) -> Result<String, ApiError> {
    let Some(account) = tx.context.account.clone() else { return Ok("ba_platform".to_owned()) };
    let account = tx.find_in("account", &account, "account", None)?;
    if account["payouts_enabled"] != json!(true) {
        return Err(ApiError::refused("payouts_not_allowed", "Payouts are not enabled for this account."));
    }
    Ok(text(&account["external_accounts"]["data"][0], "id").to_owned())
}

fn post(tx: &mut Tx<'_>, payout: &Value, kind: &str, direction: i64) -> Result<String, ApiError> {
    let posting = Posting {
        kind,
        source: text(payout, "id"),
        currency: text(payout, "currency"),
        amount: number(payout, "amount").saturating_mul(direction),
        fee: 0,
    };
    tx.post(tx.context.account.clone(), &posting)
}

/// The money arrives, or the bank sends it back.
fn arrive(tx: &mut Tx<'_>, mut payout: Value) -> Result<(), ApiError> {
    let number = tx.context.account.as_ref().map_or(Value::Null, |account| tx.notes(account));
    let failure = match text(&number, "account_number") {
        "000111111113" => Some(("account_closed", "The bank account has been closed.")),
        "000111111116" => Some(("no_account", "The bank account could not be located.")),
        "000111111119" => Some(("insufficient_funds", "Your Stripe account has insufficient funds.")),
        _ => None,
    };
    let Some((code, message)) = failure else {
        payout["status"] = json!("paid");
        tx.put(&payout);
        tx.emit("payout.paid", &payout);
        return Ok(());
    };
    payout["status"] = json!("failed");
    payout["failure_code"] = json!(code);
    payout["failure_message"] = json!(message);
    payout["failure_balance_transaction"] = json!(post(tx, &payout, "payout_failure", 1)?);
    tx.put(&payout);
    tx.emit("payout.failed", &payout);
    Ok(())
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    List { kind: "payout", url: "/v1/payouts".to_owned(), filters: &["status", "destination"] }.answer(tx, params)
}
