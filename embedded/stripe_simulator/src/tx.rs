//! One call's view of the state: reads through its own changes, which become one journal record.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::objects::{base, number, text};
use crate::state::{Change, Delivery, State, Stored};

/// The API version of events and of answers to calls that name none.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// What a call needs to know of its surroundings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    /// Unix seconds of the injected clock.
    pub(crate) now: i64,
    pub(crate) seed: u64,
    pub(crate) base_url: String,
    /// The `Stripe-Account` header.
    pub(crate) account: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    /// Whether somebody listens for webhooks.
    pub(crate) webhook: bool,
}

/// A running change.
pub(crate) struct Tx<'a> {
    state: &'a State,
    pub(crate) context: &'a Context,
    serial: u64,
    order: Vec<String>,
    put: HashMap<String, Stored>,
    deliveries: Vec<(String, Delivery)>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(state: &'a State, context: &'a Context) -> Self {
        Self { state, context, serial: state.serial, order: Vec::new(), put: HashMap::new(), deliveries: Vec::new() }
    }

    pub(crate) fn now(&self) -> i64 {
        self.context.now
    }

    /// The record of all that was done.
    pub(crate) fn finish(mut self) -> Change {
        let put = self.order.iter().filter_map(|id| self.put.remove(id)).collect();
        Change { put, deliveries: self.deliveries, answer: None, serial: self.serial }
    }

    pub(crate) fn stored(&self, id: &str) -> Option<&Stored> {
        self.put.get(id).or_else(|| self.state.get(id))
    }

    pub(crate) fn delivery(&self, event: &str) -> Option<Delivery> {
        self.state.delivery(event)
    }

    /// The object of a kind in the caller's account, or a 404 naming the parameter.
    pub(crate) fn find(&self, kind: &str, id: &str, param: &str) -> Result<Value, ApiError> {
        self.find_in(kind, id, param, self.context.account.as_deref())
    }

    /// The object of a kind in the given account (none: the platform).
    pub(crate) fn find_in(&self, kind: &str, id: &str, param: &str, owner: Option<&str>) -> Result<Value, ApiError> {
        match self.stored(id) {
            Some(stored) if text(&stored.value, "object") == kind && stored.account.as_deref() == owner => {
                Ok(stored.value.clone())
            }
            _ => Err(ApiError::missing(kind, id, param)),
        }
    }

    /// Objects of a kind in the caller's account, newest first.
    pub(crate) fn newest<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Value> {
        let own = self.order.iter().rev().filter(|id| self.state.get(id).is_none()).filter_map(|id| self.put.get(id));
        let own = own.filter(move |stored| text(&stored.value, "object") == kind);
        let old = self.state.ids(kind).iter().rev().filter_map(|id| self.stored(id));
        own.chain(old).filter(|stored| stored.account == self.context.account).map(|stored| &stored.value)
    }

    /// The simulator's own notes on an object.
    pub(crate) fn notes(&self, id: &str) -> Value {
        self.stored(id).map_or(Value::Null, |stored| stored.notes.clone())
    }

    pub(crate) fn note(&mut self, id: &str, key: &str, note: Value) {
        let Some(mut stored) = self.stored(id).cloned() else { return };
        if !stored.notes.is_object() {
            stored.notes = json!({});
        }
        stored.notes[key] = note;
        self.keep(stored);
    }

    /// A new object from its base, with an id of the given prefix, not stored yet.
    pub(crate) fn fresh(&mut self, kind: &str, prefix: &str) -> Value {
        let mut object = base(kind);
        object["id"] = Value::String(self.new_id(prefix));
        object["created"] = json!(self.now());
        object
    }

    /// Stores an object in the caller's account.
    pub(crate) fn put(&mut self, object: &Value) {
        self.put_in(self.context.account.clone(), object);
    }

    /// Stores an object in the given account, keeping the notes it had.
    pub(crate) fn put_in(&mut self, account: Option<String>, object: &Value) {
        let notes = self.notes(text(object, "id"));
        self.keep(Stored { account, value: object.clone(), notes, body: None });
    }

    fn keep(&mut self, stored: Stored) {
        let id = text(&stored.value, "id").to_owned();
        if self.put.insert(id.clone(), stored).is_none() {
            self.order.push(id);
        }
    }

    /// A new id: the prefix and 24 letters and digits from seed and serial number.
    pub(crate) fn new_id(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}_{}", derive(self.context.seed, "id", self.serial))
    }

    /// Records an event of the caller's account and queues its webhook.
    pub(crate) fn emit(&mut self, kind: &str, object: &Value) {
        self.emit_for(self.context.account.clone(), kind, object);
    }

    /// Records an event of the given connected account, or of the platform.
    pub(crate) fn emit_for(&mut self, account: Option<String>, kind: &str, object: &Value) {
        let mut event = self.fresh("event", "evt");
        event["api_version"] = json!(API_VERSION);
        event["type"] = json!(kind);
        event["request"] = json!({"id": self.context.request_id, "idempotency_key": self.context.idempotency_key});
        event["pending_webhooks"] = json!(i32::from(self.context.webhook));
        if let Some(account) = &account {
            event["account"] = json!(account);
        }
        if self.context.webhook {
            self.deliveries.push((text(&event, "id").to_owned(), Delivery::Waiting));
        }
        self.keep(Stored { account, value: event, notes: Value::Null, body: Some(object.to_string()) });
    }

    /// Balance of an account in minor units, with this call's own movements.
    pub(crate) fn balance(&self, account: Option<&str>, currency: &str) -> i64 {
        let own = self.put.values().filter(|stored| {
            text(&stored.value, "object") == "balance_transaction"
                && stored.account.as_deref() == account
                && text(&stored.value, "currency") == currency
                && self.state.get(text(&stored.value, "id")).is_none()
        });
        let own = own.fold(0_i64, |sum, stored| sum.saturating_add(number(&stored.value, "net")));
        self.state.balance(account, currency).saturating_add(own)
    }

    pub(crate) fn balances(&self) -> impl Iterator<Item = (String, i64)> {
        self.state.balances(self.context.account.as_deref()).into_iter()
    }

    /// Moves money: a balance transaction of `amount - fee` for the object, in the given account.
    pub(crate) fn post(&mut self, account: Option<String>, posting: &Posting<'_>) -> Result<String, ApiError> {
        let net = posting.amount.checked_sub(posting.fee).ok_or_else(|| ApiError::invalid("Amount too large"))?;
        let mut txn = self.fresh("balance_transaction", "txn");
        txn["amount"] = json!(posting.amount);
        txn["fee"] = json!(posting.fee);
        txn["net"] = json!(net);
        txn["currency"] = json!(posting.currency);
        txn["available_on"] = json!(self.now());
        txn["source"] = json!(posting.source);
        txn["type"] = json!(posting.kind);
        txn["reporting_category"] = json!(posting.kind);
        if posting.fee != 0 {
            txn["fee_details"] = json!([{
                "amount": posting.fee, "application": null, "currency": posting.currency,
                "description": "Stripe processing fees", "type": "stripe_fee",
            }]);
        }
        self.put_in(account, &txn);
        Ok(text(&txn, "id").to_owned())
    }
}

/// A movement of money on a balance.
pub(crate) struct Posting<'a> {
    /// Stripe's type of balance transaction: `charge`, `refund`, `transfer`, ..
    pub(crate) kind: &'a str,
    /// Id of the object that caused it.
    pub(crate) source: &'a str,
    pub(crate) currency: &'a str,
    /// Minor units, negative when money leaves.
    pub(crate) amount: i64,
    /// Minor units kept by the provider.
    pub(crate) fee: i64,
}

/// 24 letters and digits that follow from seed, purpose and serial.
pub(crate) fn derive(seed: u64, purpose: &str, serial: u64) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let digest = Sha256::digest(format!("{seed}/{purpose}/{serial}"));
    digest.iter().take(24).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}
