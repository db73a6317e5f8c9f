//! Charges: made by payment intents, read by clients.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::list::List;
use crate::objects::{number, text};
use crate::params::Params;
use crate::tx::{Posting, Tx};

/// Stripe's fee on a payment: 2.9 % (half up) and 30 minor units.
pub(crate) fn fee(amount: i64) -> Result<i64, ApiError> {
    let scaled = amount.checked_mul(29).and_then(|scaled| scaled.checked_add(500));
    let scaled = scaled.ok_or_else(|| ApiError::invalid("Amount too large").code("amount_too_large"))?;
    Ok(scaled / 1000 + 30)
}

/// A charge for an intent, neither paid nor stored yet.
pub(crate) fn new(tx: &mut Tx<'_>, intent: &Value) -> Value {
    let method = tx.stored(text(intent, "payment_method")).map_or(Value::Null, |stored| stored.value.clone());
    let mut charge = tx.fresh("charge", "ch");
    let id = text(&charge, "id").to_owned();
    for key in [
        "amount",
        "currency",
        "customer",
        "description",
        "metadata",
        "on_behalf_of",
        "payment_method",
        "receipt_email",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
        "application_fee_amount",
    ] {
        charge[key] = intent[key].clone();
    }
    charge["payment_intent"] = intent["id"].clone();
    charge["refunds"]["url"] = json!(format!("/v1/charges/{id}/refunds"));
    charge["billing_details"] = method["billing_details"].clone();
    describe(&mut charge, &method);
    charge
}

fn describe(charge: &mut Value, method: &Value) {
    let kind = text(method, "type");
    if kind != "card" {
        charge["payment_method_details"] =
            json!({"type": kind, kind: {"buyer_id": null, "fingerprint": null, "transaction_id": null}});
        return;
    }
    let card = &mut charge["payment_method_details"]["card"];
    for key in ["brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4"] {
        card[key] = method["card"][key].clone();
    }
    card["network"] = method["card"]["brand"].clone();
}

/// Takes the money of a charge onto the balance and stores the charge.
pub(crate) fn capture(tx: &mut Tx<'_>, charge: &mut Value, amount: i64) -> Result<(), ApiError> {
    let posting = Posting {
        kind: "charge",
        source: text(charge, "id"),
        currency: text(charge, "currency"),
        amount,
        fee: fee(amount)?,
    };
    let transaction = tx.post(tx.context.account.clone(), &posting)?;
    charge["balance_transaction"] = json!(transaction);
    charge["amount_captured"] = json!(amount);
    charge["captured"] = json!(true);
    tx.put(charge);
    Ok(())
}

/// Minor units of a charge that can still be refunded.
pub(crate) fn refundable(charge: &Value) -> i64 {
    number(charge, "amount_captured").saturating_sub(number(charge, "amount_refunded"))
}

pub(crate) fn update(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["description", "metadata", "receipt_email", "transfer_group", "customer", "shipping"])?;
    let mut charge = tx.find("charge", id, "charge")?;
    params.copy_texts(&mut charge, &["description", "receipt_email", "transfer_group", "shipping"]);
    params.merge_metadata(&mut charge)?;
    tx.put(&charge);
    tx.emit("charge.updated", &charge);
    Ok(charge)
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    let filters = &["payment_intent", "customer", "transfer_group"];
    List { kind: "charge", url: "/v1/charges".to_owned(), filters }.answer(tx, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_2_9_percent_and_30_and_never_overflows() {
        assert_eq!(fee(1000).unwrap(), 59);
        assert_eq!(fee(1).unwrap(), 30);
        assert_eq!(fee(10_017).unwrap(), 320);
        assert!(fee(i64::MAX).is_err());
    }
}
