//! Everything the simulator remembers, and the record that changes it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::objects::{number, text};

/// Idempotent answers are kept this long, seconds.
const ANSWERS_KEPT: i64 = 24 * 3600;
/// Events are kept this long, seconds.
const EVENTS_KEPT: i64 = 30 * 24 * 3600;

/// An object with what its owner must not see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Connected account the object lives in; none is the platform.
    pub(crate) account: Option<String>,
    /// The object as clients see it.
    pub(crate) value: Value,
    /// The simulator's own notes on it, such as a card's number.
    pub(crate) notes: Value,
    /// The object inside an event, as text: events are many, seldom read, and trees are large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
}

impl Stored {
    /// The object as clients see it, an event with what it is about.
    pub(crate) fn whole(&self) -> Value {
        let mut value = self.value.clone();
        if let Some(body) = &self.body {
            value["data"]["object"] = serde_json::from_str(body).unwrap_or(Value::Null);
        }
        value
    }
}

/// The stored answer of a call made under an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) key: String,
    /// SHA-256 of method, path and parameters.
    pub(crate) fingerprint: String,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) created: i64,
}

/// What becomes of an event's delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Delivery {
    /// To be sent until the receiver answers 2xx.
    Waiting,
    /// Answered with 2xx.
    Done,
    /// Lost on purpose by a fault; only a list of events shows it.
    Lost,
}

/// One change of the state: written as one journal record, applied as a whole or not at all.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) put: Vec<Stored>,
    pub(crate) deliveries: Vec<(String, Delivery)>,
    pub(crate) answer: Option<Answer>,
    /// The next number ids are derived from.
    pub(crate) serial: u64,
}

impl Change {
    pub(crate) fn is_empty(&self) -> bool {
        self.put.is_empty() && self.deliveries.is_empty() && self.answer.is_none()
    }
}

/// In-memory state; rebuilt from the journal at start.
#[derive(Debug, Default)]
pub(crate) struct State {
    objects: HashMap<String, Stored>,
    by_kind: HashMap<String, Vec<String>>,
    balances: HashMap<(Option<String>, String), i64>,
    deliveries: BTreeMap<u64, (String, Delivery)>,
    delivery_of: HashMap<String, u64>,
    waiting: usize,
    answers: HashMap<String, Answer>,
    pub(crate) serial: u64,
}

impl State {
    pub(crate) fn get(&self, id: &str) -> Option<&Stored> {
        self.objects.get(id)
    }

    /// Ids of a kind, oldest first.
    pub(crate) fn ids(&self, kind: &str) -> &[String] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn answer(&self, key: &str) -> Option<&Answer> {
        self.answers.get(key)
    }

    /// Balance of an account in minor units of a currency.
    pub(crate) fn balance(&self, account: Option<&str>, currency: &str) -> i64 {
        self.balances.get(&(account.map(str::to_owned), currency.to_owned())).copied().unwrap_or_default()
    }

    /// All balances of an account, by currency.
    pub(crate) fn balances(&self, account: Option<&str>) -> BTreeMap<String, i64> {
        let own = self.balances.iter().filter(|((owner, _), _)| owner.as_deref() == account);
        own.map(|((_, currency), amount)| (currency.clone(), *amount)).collect()
    }

    pub(crate) fn delivery(&self, event: &str) -> Option<Delivery> {
        let place = self.delivery_of.get(event)?;
        self.deliveries.get(place).map(|(_, delivery)| *delivery)
    }

    /// Events still to be delivered, oldest first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &str> {
        self.deliveries.values().filter(|(_, delivery)| *delivery == Delivery::Waiting).map(|(id, _)| id.as_str())
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.waiting
    }

    pub(crate) fn apply(&mut self, change: Change) {
        self.serial = self.serial.max(change.serial);
        for stored in change.put {
            self.put(stored);
        }
        for (event, delivery) in change.deliveries {
            self.set_delivery(event, delivery);
        }
        if let Some(answer) = change.answer {
            self.answers.insert(answer.key.clone(), answer);
        }
    }

    fn put(&mut self, stored: Stored) {
        let id = text(&stored.value, "id").to_owned();
        let kind = text(&stored.value, "object").to_owned();
        if !self.objects.contains_key(&id) {
            if kind == "balance_transaction" {
                let account = (stored.account.clone(), text(&stored.value, "currency").to_owned());
                let balance = self.balances.entry(account).or_default();
                *balance = balance.saturating_add(number(&stored.value, "net"));
            }
            self.by_kind.entry(kind).or_default().push(id.clone());
        }
        self.objects.insert(id, stored);
    }

    fn set_delivery(&mut self, event: String, delivery: Delivery) {
        let next = self.deliveries.last_key_value().map_or(0, |(place, _)| place + 1);
        let place = *self.delivery_of.entry(event.clone()).or_insert(next);
        let before = self.deliveries.insert(place, (event, delivery));
        let was_waiting = matches!(before, Some((_, Delivery::Waiting)));
        self.waiting += usize::from(delivery == Delivery::Waiting);
        self.waiting -= usize::from(was_waiting);
    }

    /// The changes that rebuild this state, without what has outlived its keep.
    pub(crate) fn snapshot(&self, now: i64) -> impl Iterator<Item = Change> {
        let objects = self.by_kind.values().flatten().filter_map(|id| self.get(id));
        let alive = objects.filter(move |stored| {
            text(&stored.value, "object") != "event"
                || number(&stored.value, "created") > now - EVENTS_KEPT
                || self.delivery(text(&stored.value, "id")) == Some(Delivery::Waiting)
        });
        let objects = alive.map(|stored| Change { put: vec![stored.clone()], ..Change::default() });
        let deliveries = self.deliveries.values().filter(|(event, _)| self.objects.contains_key(event));
        let deliveries = deliveries.map(|item| Change { deliveries: vec![item.clone()], ..Change::default() });
        let answers = self.answers.values().filter(move |answer| answer.created > now - ANSWERS_KEPT);
        let answers = answers.map(|answer| Change { answer: Some(answer.clone()), ..Change::default() });
        let serial = Change { serial: self.serial, ..Change::default() };
        objects.chain(deliveries).chain(answers).chain(std::iter::once(serial))
    }
}
