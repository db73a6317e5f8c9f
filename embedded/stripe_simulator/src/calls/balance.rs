//! Balances and their movements. Everything is available at once: the simulator has no pending funds.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::list::List;
use crate::objects::{base, text};
use crate::params::Params;
use crate::tx::Tx;

pub(crate) fn retrieve(tx: &Tx<'_>) -> Value {
    let mut funds: Vec<Value> = tx.balances().map(|(currency, amount)| fund(&currency, amount)).collect();
    if funds.is_empty() {
        funds.push(fund("usd", 0));
    }
    let none: Vec<Value> = funds.iter().map(|fund_of| fund(text(fund_of, "currency"), 0)).collect();
    let mut balance = base("balance");
    balance["available"] = Value::Array(funds);
    balance["connect_reserved"] = none.iter().map(|fund| json!({"amount": 0, "currency": fund["currency"]})).collect();
    balance["pending"] = Value::Array(none);
    balance
}

fn fund(currency: &str, amount: i64) -> Value {
    json!({"amount": amount, "currency": currency, "source_types": {"card": amount}})
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["type", "source", "currency", "payout", "limit", "starting_after", "ending_before", "created"])?;
    let filters = &["type", "source", "currency"];
    let list = List { kind: "balance_transaction", url: "/v1/balance_transactions".to_owned(), filters };
    list.select(tx, params, |item| params.text("payout").is_none_or(|payout| text(item, "source") == payout))
}
