//! Transfers from the platform's balance to connected accounts.

use serde_json::{Value, json};

use super::accounts;
use crate::error::ApiError;
use crate::list::List;
use crate::objects::{number, text};
use crate::params::Params;
use crate::tx::{Posting, Tx};

const KNOWN: [&str; 8] = [
    "amount",
    "currency",
    "destination",
    "description",
    "metadata",
    "source_transaction",
    "source_type",
    "transfer_group",
];

pub(crate) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&KNOWN)?;
    let mut transfer = tx.fresh("transfer", "tr");
    transfer["currency"] = json!(params.currency()?);
    let destination = accounts::retrieve(tx, params.require("destination")?)
        .map_err(|_| ApiError::missing("destination", params.text("destination").unwrap_or_default(), "destination"))?;
    transfer["destination"] = destination["id"].clone();
    transfer["amount"] = json!(params.required_amount("amount")?);
    params.copy_texts(&mut transfer, &["description", "transfer_group", "source_transaction"]);
    params.merge_metadata(&mut transfer)?;
    let id = text(&transfer, "id").to_owned();
    transfer["reversals"]["url"] = json!(format!("/v1/transfers/{id}/reversals"));
    if destination["capabilities"]["transfers"] != json!("active") {
        return Err(ApiError::refused(
            "insufficient_capabilities_for_transfer",
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, \
             crypto_transfers, legacy_payments",
        ));
    }
    match params.text("source_transaction") {
        Some(charge) => draw_on(tx, charge, &mut transfer)?,
        None => require_funds(tx, None, text(&transfer, "currency"), number(&transfer, "amount"))?,
    }
    move_money(tx, &mut transfer)?;
    tx.emit("transfer.created", &transfer);
    Ok(transfer)
}

/// Ties the transfer to a charge: all transfers of one charge stay within its amount.
fn draw_on(tx: &mut Tx<'_>, id: &str, transfer: &mut Value) -> Result<(), ApiError> {
    let charge = tx.find("charge", id, "source_transaction")?;
    if charge["captured"] != json!(true) || charge["currency"] != transfer["currency"] {
        return Err(ApiError::invalid(format!(
            "The source_transaction {id} must be a captured charge in the transfer's currency."
        ))
        .param("source_transaction"));
    }
    let drawn = number(&tx.notes(id), "transferred").saturating_add(number(transfer, "amount"));
    if drawn > number(&charge, "amount_captured") {
        return Err(ApiError::refused(
            "amount_too_large",
            format!("The transfers from {id} may not exceed the amount of the source charge."),
        )
        .param("amount"));
    }
    tx.note(id, "transferred", json!(drawn));
    let group = charge["transfer_group"].clone();
    if transfer["transfer_group"].is_null() {
        transfer["transfer_group"] = if group.is_null() { json!(format!("group_{id}")) } else { group };
    }
    Ok(())
}

/// Refuses when an account has less than `amount` minor units available.
pub(crate) fn require_funds(tx: &Tx<'_>, account: Option<&str>, currency: &str, amount: i64) -> Result<(), ApiError> {
    if tx.balance(account, currency) >= amount {
        return Ok(());
    }
    Err(ApiError::refused(
        "balance_insufficient",
        "You have insufficient available funds in your Stripe account. Try adding funds directly to your available \
         balance by creating Charges using the 4000000000000077 test card.",
    ))
}

/// Both sides of the transfer, and the payment the connected account sees.
fn move_money(tx: &mut Tx<'_>, transfer: &mut Value) -> Result<(), ApiError> {
    let id = text(transfer, "id").to_owned();
    let currency = text(transfer, "currency").to_owned();
    let amount = number(transfer, "amount");
    let mut posting = Posting { kind: "transfer", source: &id, currency: &currency, amount: -amount, fee: 0 };
    transfer["balance_transaction"] = json!(tx.post(None, &posting)?);
    let mut payment = tx.fresh("charge", "py");
    for key in ["amount", "currency", "transfer_group"] {
        payment[key] = transfer[key].clone();
    }
    let payment_id = text(&payment, "id").to_owned();
    (posting.kind, posting.source, posting.amount) = ("payment", &payment_id, amount);
    let seller = text(transfer, "destination").to_owned();
    payment["balance_transaction"] = json!(tx.post(Some(seller.clone()), &posting)?);
    payment["amount_captured"] = json!(amount);
    payment["captured"] = json!(true);
    payment["paid"] = json!(true);
    payment["status"] = json!("succeeded");
    payment["source_transfer"] = json!(id);
    payment["payment_method_details"] = json!({"type": "stripe_account", "stripe_account": {}});
    payment["refunds"]["url"] = json!(format!("/v1/charges/{payment_id}/refunds"));
    tx.put_in(Some(seller), &payment);
    transfer["destination_payment"] = json!(payment_id);
    tx.put(transfer);
    Ok(())
}

pub(crate) fn update(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["description", "metadata"])?;
    let mut transfer = tx.find("transfer", id, "transfer")?;
    params.copy_texts(&mut transfer, &["description"]);
    params.merge_metadata(&mut transfer)?;
    tx.put(&transfer);
    tx.emit("transfer.updated", &transfer);
    Ok(transfer)
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    let filters = &["destination", "transfer_group"];
    List { kind: "transfer", url: "/v1/transfers".to_owned(), filters }.answer(tx, params)
}
