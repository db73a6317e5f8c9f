//! The calls of Stripe's API, one file for each resource.

mod accounts;
mod authorize;
mod balance;
mod charges;
mod confirm;
mod customers;
mod disputes;
mod events;
mod payment_intents;
mod payment_methods;
mod payouts;
mod refunds;
mod reversals;
mod transfers;

use serde_json::Value;

use crate::error::ApiError;
use crate::objects::text;
use crate::store::Call;
use crate::tx::Tx;

/// Finds the call behind method and path and runs it.
pub(crate) fn route(tx: &mut Tx<'_>, call: &Call) -> Result<Value, ApiError> {
    if let Some(account) = &tx.context.account {
        let known = tx.stored(account).is_some_and(|stored| text(&stored.value, "object") == "account");
        if !known {
            return Err(no_access(account));
        }
    }
    let path: Vec<&str> = call.path.trim_matches('/').split('/').collect();
    let unknown = || ApiError::unknown_url(&call.method, &call.path);
    match path.as_slice() {
        ["sim", rest @ ..] => sim(tx, call, rest).unwrap_or_else(|| Err(unknown())),
        ["v1", rest @ ..] => {
            payments(tx, call, rest).or_else(|| connect(tx, call, rest)).unwrap_or_else(|| Err(unknown()))
        }
        _ => Err(unknown()),
    }
}

fn no_access(account: &str) -> ApiError {
    let message =
        format!("The provided key does not have access to account '{account}' (or that account does not exist).");
    let mut error = ApiError::invalid(message).code("account_invalid");
    error.status = 403;
    error
}

/// Calls about money coming in; none when the path is not one of them.
fn payments(tx: &mut Tx<'_>, call: &Call, path: &[&str]) -> Option<Result<Value, ApiError>> {
    let p = &call.params;
    Some(match (call.method.as_str(), path) {
        ("POST", ["customers"]) => customers::create(tx, p),
        ("GET", ["customers"]) => customers::list(tx, p),
        ("GET", ["customers", id]) => tx.find("customer", id, "id"),
        ("POST", ["customers", id]) => customers::update(tx, id, p),
        ("GET", ["customers", id, "payment_methods"]) => payment_methods::list(tx, Some(id), p),
        ("POST", ["payment_methods"]) => payment_methods::create(tx, p),
        ("GET", ["payment_methods"]) => payment_methods::list(tx, None, p),
        ("GET", ["payment_methods", id]) => payment_methods::retrieve(tx, id),
        ("POST", ["payment_methods", id, "attach"]) => payment_methods::attach(tx, id, p),
        ("POST", ["payment_methods", id, "detach"]) => payment_methods::detach(tx, id, p),
        ("POST", ["payment_intents"]) => payment_intents::create(tx, p),
        ("GET", ["payment_intents"]) => payment_intents::list(tx, p),
        ("GET", ["payment_intents", id]) => tx.find("payment_intent", id, "intent"),
        ("POST", ["payment_intents", id]) => payment_intents::update(tx, id, p),
        ("POST", ["payment_intents", id, "confirm"]) => payment_intents::confirm(tx, id, p),
        ("POST", ["payment_intents", id, "capture"]) => payment_intents::capture(tx, id, p),
        ("POST", ["payment_intents", id, "cancel"]) => payment_intents::cancel(tx, id, p),
        ("GET", ["charges"]) => charges::list(tx, p),
        ("GET", ["charges", id]) => tx.find("charge", id, "charge"),
        ("POST", ["charges", id]) => charges::update(tx, id, p),
        ("POST", ["refunds"]) => refunds::create(tx, p),
        ("GET", ["refunds"]) => refunds::list(tx, p),
        ("GET", ["refunds", id]) => tx.find("refund", id, "refund"),
        ("POST", ["refunds", id]) => refunds::update(tx, id, p),
        ("GET", ["disputes"]) => disputes::list(tx, p),
        ("GET", ["disputes", id]) => tx.find("dispute", id, "dispute"),
        ("POST", ["disputes", id]) => disputes::update(tx, id, p),
        ("POST", ["disputes", id, "close"]) => disputes::close(tx, id),
        _ => return None,
    })
}

/// Calls about accounts, balances and money going out; none when the path is not one of them.
fn connect(tx: &mut Tx<'_>, call: &Call, path: &[&str]) -> Option<Result<Value, ApiError>> {
    let p = &call.params;
    Some(match (call.method.as_str(), path) {
        ("POST", ["accounts"]) => accounts::create(tx, p),
        ("GET", ["accounts"]) => accounts::list(tx, p),
        ("GET", ["accounts", id]) => accounts::retrieve(tx, id),
        ("POST", ["accounts", id]) => accounts::update(tx, id, p),
        ("POST", ["account_links"]) => accounts::link(tx, p),
        ("POST", ["transfers"]) => transfers::create(tx, p),
        ("GET", ["transfers"]) => transfers::list(tx, p),
        ("GET", ["transfers", id]) => tx.find("transfer", id, "transfer"),
        ("POST", ["transfers", id]) => transfers::update(tx, id, p),
        ("POST", ["transfers", id, "reversals"]) => reversals::create(tx, id, p),
        ("GET", ["transfers", id, "reversals"]) => reversals::list(tx, id, p),
        ("GET", ["transfers", _, "reversals", id]) => tx.find("transfer_reversal", id, "id"),
        ("POST", ["payouts"]) => payouts::create(tx, p),
        ("GET", ["payouts"]) => payouts::list(tx, p),
        ("GET", ["payouts", id]) => tx.find("payout", id, "payout"),
        ("GET", ["balance"]) => Ok(balance::retrieve(tx)),
        ("GET", ["balance_transactions"]) => balance::list(tx, p),
        ("GET", ["balance_transactions", id]) => tx.find("balance_transaction", id, "id"),
        ("GET", ["events"]) => events::list(tx, p),
        ("GET", ["events", id]) => events::retrieve(tx, id),
        _ => return None,
    })
}

/// What a person does on the simulator's own pages.
fn sim(tx: &mut Tx<'_>, call: &Call, path: &[&str]) -> Option<Result<Value, ApiError>> {
    Some(match (call.method.as_str(), path) {
        ("GET", ["authorize", id]) => tx.find("payment_intent", id, "intent"),
        ("POST", ["authorize", id]) => authorize::complete(tx, id, &call.params),
        ("GET", ["onboard", id]) => tx.find("account", id, "account"),
        ("POST", ["onboard", id]) => accounts::onboard(tx, id, &call.params),
        _ => return None,
    })
}
