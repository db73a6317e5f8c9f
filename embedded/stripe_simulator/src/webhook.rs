//! Delivery of events: signed, retried until the receiver answers 2xx.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::time::Instant;

use crate::Clock;
use crate::faults::{Faults, WebhookFault};
use crate::state::Delivery;
use crate::store::Store;

const TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// Events looked at in one round.
const ROUND: usize = 100;

/// Where events go, and the secret that signs them.
#[derive(Debug, Clone)]
pub struct WebhookTarget {
    /// Address of the receiver.
    pub url: String,
    /// `whsec_..`, used as the literal string.
    pub secret: String,
}

/// The present target; may change while events are delivered.
pub(crate) type Target = Arc<RwLock<Option<WebhookTarget>>>;

/// `Stripe-Signature` of a body sent at a Unix second.
pub(crate) fn signature(secret: &str, second: i64, body: &str) -> String {
    let tag = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(format!("{second}.{body}").as_bytes());
        hex::encode(mac.finalize().into_bytes())
    });
    // HMAC takes keys of any length, so the default is never used.
    format!("t={second},v1={}", tag.unwrap_or_default())
}

/// How one event is to be sent.
struct Plan {
    attempts: u32,
    /// None: held back.
    due: Option<Instant>,
    copies: usize,
}

/// The background task.
pub(crate) struct Courier {
    pub(crate) store: Arc<Store>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) target: Target,
    pub(crate) clock: Clock,
    pub(crate) client: reqwest::Client,
    plans: HashMap<String, Plan>,
    /// Events gathered to be sent newest first.
    reversing: Vec<String>,
}

impl Courier {
    pub(crate) fn new(store: Arc<Store>, faults: Arc<Faults>, target: Target, clock: Clock) -> Self {
        let client = reqwest::Client::new();
        Self { store, faults, target, clock, client, plans: HashMap::new(), reversing: Vec::new() }
    }

    /// Delivers until aborted.
    pub(crate) async fn run(mut self) {
        let mut waiting = self.store.watch_waiting();
        loop {
            waiting.mark_unchanged();
            let target = self.target.read().unwrap_or_else(PoisonError::into_inner).clone();
            let sent = match target {
                Some(target) => self.round(&target).await,
                None => false,
            };
            if sent {
                continue;
            }
            let due = self.plans.values().filter_map(|plan| plan.due).min();
            let pause = due.map_or(LAST_RETRY, |due| due.saturating_duration_since(Instant::now()));
            tokio::select! {
                // An error means the store is gone, and then so is this task's owner.
                _ = waiting.changed() => {}
                () = self.faults.webhooks_changed.notified() => self.plans.values_mut().for_each(Plan::hurry),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Sends what is due; false when there was nothing.
    async fn round(&mut self, target: &WebhookTarget) -> bool {
        if self.faults.take_webhook_release() {
            self.reversing.clear();
            self.plans.values_mut().for_each(Plan::release);
        }
        let due = self.due();
        for (id, event) in &due {
            if self.send(target, id, event).await {
                // One record for each, so that a slow receiver does not delay what is known.
                if let Err(error) = self.store.settle(vec![(id.clone(), Delivery::Done)]) {
                    tracing::error!(%error, "the Stripe simulator cannot note a delivery");
                }
                self.plans.remove(id);
                self.reversing.retain(|reversed| reversed != id);
            }
        }
        !due.is_empty()
    }

    fn due(&mut self) -> Vec<(String, Value)> {
        let now = Instant::now();
        let later = |plan: &Plan| plan.due.is_none_or(|due| due > now);
        let skip: HashSet<String> =
            self.plans.iter().filter(|(_, plan)| later(plan)).map(|(id, _)| id.clone()).collect();
        let events = self.store.waiting_events(&skip, ROUND);
        let mut due = Vec::new();
        for (id, event) in events {
            if self.plans.contains_key(&id) || self.accept(&id, now) {
                due.push((id, event));
            }
        }
        due.sort_by_key(|(id, _)| self.reversing.iter().position(|reversed| reversed == id).map(std::cmp::Reverse));
        due
    }

    /// Plans a new event under the next fault; true when it is due at once.
    fn accept(&mut self, id: &str, now: Instant) -> bool {
        let mut plan = Plan { attempts: 0, due: Some(now), copies: 1 };
        match self.faults.take_webhook() {
            Some((WebhookFault::Drop, _)) => {
                if let Err(error) = self.store.settle(vec![(id.to_owned(), Delivery::Lost)]) {
                    tracing::error!(%error, "the Stripe simulator cannot note a lost webhook");
                }
                return false;
            }
            Some((WebhookFault::Duplicate, _)) => plan.copies = 2,
            Some((WebhookFault::Hold, _)) => plan.due = None,
            Some((WebhookFault::Reverse, last)) => {
                self.reversing.push(id.to_owned());
                plan.due = last.then_some(now);
                if last {
                    let gathered = self.plans.iter_mut().filter(|(id, _)| self.reversing.contains(id));
                    gathered.for_each(|(_, plan)| plan.release());
                }
            }
            None => {}
        }
        let due = plan.due.is_some();
        self.plans.insert(id.to_owned(), plan);
        due
    }

    async fn send(&mut self, target: &WebhookTarget, id: &str, event: &Value) -> bool {
        let body = event.to_string();
        let copies = self.plans.get(id).map_or(1, |plan| plan.copies);
        let mut delivered = false;
        for _ in 0..copies {
            let header = signature(&target.secret, (self.clock)().timestamp(), &body);
            let request = self.client.post(&target.url).timeout(TIMEOUT).header("stripe-signature", header);
            let request = request.header("content-type", "application/json; charset=utf-8").body(body.clone());
            delivered |= request.send().await.is_ok_and(|answer| answer.status().is_success());
        }
        if let Some(plan) = self.plans.get_mut(id) {
            plan.back_off();
        }
        delivered
    }
}

impl Plan {
    fn back_off(&mut self) {
        let pause = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(self.attempts)).min(LAST_RETRY);
        self.attempts += 1;
        self.due = Some(Instant::now() + pause);
    }

    fn hurry(&mut self) {
        if self.due.is_some() {
            self.release();
        }
    }

    fn release(&mut self) {
        self.due = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_matches_a_known_vector() {
        let header = signature("whsec_test_secret", 1_492_774_577, r#"{"id":"evt_test","object":"event"}"#);
        assert_eq!(header, "t=1492774577,v1=691252e266ce41cb94d709c84e9580d4172b117a510bbc81723f657d2cd5d215");
    }
}
