//! The base objects: every field Stripe publishes, with neutral values.

use serde_json::Value;

/// The base object of a kind, or `null` for a kind the simulator does not know.
pub(crate) fn base(kind: &str) -> Value {
    let text = match kind {
        "account" => include_str!("../objects/account.json"),
        "account_link" => include_str!("../objects/account_link.json"),
        "balance" => include_str!("../objects/balance.json"),
        "balance_transaction" => include_str!("../objects/balance_transaction.json"),
        "charge" => include_str!("../objects/charge.json"),
        "customer" => include_str!("../objects/customer.json"),
        "dispute" => include_str!("../objects/dispute.json"),
        "event" => include_str!("../objects/event.json"),
        "payment_intent" => include_str!("../objects/payment_intent.json"),
        "payment_method" => include_str!("../objects/payment_method.json"),
        "payout" => include_str!("../objects/payout.json"),
        "refund" => include_str!("../objects/refund.json"),
        "transfer" => include_str!("../objects/transfer.json"),
        "transfer_reversal" => include_str!("../objects/transfer_reversal.json"),
        _ => "null",
    };
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// A string field of an object, empty when absent.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

/// An integer field of an object, zero when absent.
pub(crate) fn number(object: &Value, field: &str) -> i64 {
    object[field].as_i64().unwrap_or_default()
}

/// Appends an item to a list held inside an object, such as a charge's refunds.
pub(crate) fn push(list: &mut Value, item: Value) {
    if let Some(data) = list["data"].as_array_mut() {
        data.insert(0, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_base_object_names_its_kind() {
        for kind in [
            "account",
            "account_link",
            "balance",
            "balance_transaction",
            "charge",
            "customer",
            "dispute",
            "event",
            "payment_intent",
            "payment_method",
            "payout",
            "refund",
            "transfer",
            "transfer_reversal",
        ] {
            assert_eq!(text(&base(kind), "object"), kind);
        }
    }
}
