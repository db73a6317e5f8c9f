//! Reversals: money comes back from a connected account.

use serde_json::{Value, json};

use super::transfers::require_funds;
use crate::error::ApiError;
use crate::list::List;
use crate::objects::{number, push, text};
use crate::params::Params;
use crate::tx::{Posting, Tx};

pub(crate) fn create(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["amount", "description", "metadata", "refund_application_fee"])?;
    let transfer = tx.find("transfer", id, "transfer")?;
    let mut reversal = reverse(tx, transfer, params.amount("amount")?)?;
    params.merge_metadata(&mut reversal)?;
    tx.put(&reversal);
    Ok(reversal)
}

/// Reverses up to `amount` of the transfer a refunded charge paid for; gives the reversal's id.
pub(crate) fn of_charge(tx: &mut Tx<'_>, charge: &Value, amount: i64) -> Result<String, ApiError> {
    let paid_for = |transfer: &&Value| transfer["source_transaction"] == charge["id"] && left(transfer) > 0;
    let transfer = tx.newest("transfer").find(paid_for).cloned().ok_or_else(|| {
        let message = format!(
            "Cannot reverse transfer on charge {} as it does not have an associated transfer.",
            text(charge, "id")
        );
        ApiError::invalid(message).param("reverse_transfer")
    })?;
    let amount = amount.min(left(&transfer));
    let reversal = reverse(tx, transfer, Some(amount))?;
    Ok(text(&reversal, "id").to_owned())
}

fn left(transfer: &Value) -> i64 {
    number(transfer, "amount").saturating_sub(number(transfer, "amount_reversed"))
}

fn reverse(tx: &mut Tx<'_>, mut transfer: Value, asked: Option<i64>) -> Result<Value, ApiError> {
    let left = left(&transfer);
    let amount = asked.unwrap_or(left);
    if amount > left || left == 0 {
        return Err(ApiError::refused(
            "amount_too_large",
            format!(
                "Amount of the reversal ({amount}) is greater than the unreversed amount of the transfer ({left})."
            ),
        )
        .param("amount"));
    }
    let seller = text(&transfer, "destination").to_owned();
    require_funds(tx, Some(&seller), text(&transfer, "currency"), amount)?;
    let mut reversal = tx.fresh("transfer_reversal", "trr");
    let id = text(&reversal, "id").to_owned();
    let currency = text(&transfer, "currency").to_owned();
    let mut posting = Posting { kind: "transfer_refund", source: &id, currency: &currency, amount, fee: 0 };
    reversal["balance_transaction"] = json!(tx.post(None, &posting)?);
    (posting.kind, posting.amount) = ("payment_refund", -amount);
    tx.post(Some(seller), &posting)?;
    reversal["amount"] = json!(amount);
    reversal["currency"] = json!(currency);
    reversal["transfer"] = transfer["id"].clone();
    let reversed = number(&transfer, "amount_reversed") + amount;
    transfer["amount_reversed"] = json!(reversed);
    transfer["reversed"] = json!(amount == left);
    push(&mut transfer["reversals"], reversal.clone());
    give_back(tx, text(&transfer, "source_transaction"), amount);
    tx.put(&reversal);
    tx.put(&transfer);
    tx.emit("transfer.reversed", &transfer);
    Ok(reversal)
}

/// What was reversed may be transferred from the same charge again.
fn give_back(tx: &mut Tx<'_>, charge: &str, amount: i64) {
    let transferred = number(&tx.notes(charge), "transferred");
    tx.note(charge, "transferred", json!(transferred.saturating_sub(amount)));
}

pub(crate) fn list(tx: &Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    tx.find("transfer", id, "transfer")?;
    let list = List { kind: "transfer_reversal", url: format!("/v1/transfers/{id}/reversals"), filters: &[] };
    params.allow(&["limit", "starting_after", "ending_before"])?;
    list.select(tx, params, |reversal| text(reversal, "transfer") == id)
}
