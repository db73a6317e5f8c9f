//! Faults for tests: calls that fail, hang or lose their answer, and webhooks that get lost or come twice.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use tokio::sync::{Notify, watch};

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CallFault {
    /// Answered with this status; nothing is done.
    Status {
        /// HTTP status, 400 to 599.
        status: u16,
    },
    /// Waits until [`Faults::release_calls`]; done then, unless the client has left.
    Hang,
    /// Done, but the connection is cut before the answer.
    Cut,
    /// Done after a pause of real time.
    Delay {
        /// Length of the pause.
        milliseconds: u64,
    },
}

/// What goes wrong with the delivery of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFault {
    /// Never delivered; only the list of events shows it.
    Drop,
    /// Delivered twice.
    Duplicate,
    /// Kept back until [`Faults::release_webhooks`].
    Hold,
    /// Kept until all events of this fault are there, then delivered newest first.
    Reverse,
}

struct PlannedCall {
    path: String,
    left: usize,
    fault: CallFault,
}

#[derive(Default)]
struct Plan {
    calls: Vec<PlannedCall>,
    /// Fault for each of the next events, and whether it is the last of its group.
    webhooks: VecDeque<(WebhookFault, bool)>,
    release_webhooks: bool,
}

/// The faults still to come; shared by the server and whoever plans them.
pub struct Faults {
    plan: Mutex<Plan>,
    hanging: watch::Sender<usize>,
    /// Counts releases; a hung call waits for the next one.
    releases: watch::Sender<u64>,
    pub(crate) webhooks_changed: Notify,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            plan: Mutex::default(),
            hanging: watch::Sender::new(0),
            releases: watch::Sender::new(0),
            webhooks_changed: Notify::new(),
        }
    }
}

impl Faults {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next `count` calls whose `METHOD /path` contains `path` go wrong.
    pub fn next_calls(&self, path: &str, count: usize, fault: CallFault) {
        self.plan().calls.push(PlannedCall { path: path.to_owned(), left: count, fault });
    }

    /// Lets the delivery of the next `count` events go wrong.
    pub fn next_webhooks(&self, count: usize, fault: WebhookFault) {
        self.plan().webhooks.extend((1..=count).map(|place| (fault, place == count)));
    }

    /// Lets hung calls go on.
    pub fn release_calls(&self) {
        self.releases.send_modify(|count| *count += 1);
    }

    /// Delivers the webhooks held back.
    pub fn release_webhooks(&self) {
        self.plan().release_webhooks = true;
        self.webhooks_changed.notify_one();
    }

    /// Forgets all faults planned and releases all that is held.
    pub fn clear(&self) {
        *self.plan() = Plan::default();
        self.release_calls();
        self.release_webhooks();
    }

    /// Waits until `count` calls hang at the same time.
    pub async fn wait_for_hanging(&self, count: usize) {
        // Fails only when the sender is gone, and `self` owns it.
        let _ = self.hanging.subscribe().wait_for(|hanging| *hanging >= count).await;
    }

    pub(crate) fn take_call(&self, method: &str, path: &str) -> Option<CallFault> {
        let line = format!("{method} {path}");
        let mut plan = self.plan();
        let place = plan.calls.iter().position(|planned| line.contains(&planned.path))?;
        let planned = &mut plan.calls[place];
        let fault = planned.fault.clone();
        planned.left = planned.left.saturating_sub(1);
        if planned.left == 0 {
            plan.calls.remove(place);
        }
        Some(fault)
    }

    pub(crate) async fn hang(&self) {
        let mut releases = self.releases.subscribe();
        self.hanging.send_modify(|hanging| *hanging += 1);
        let _counted = Hanging(&self.hanging);
        // Fails only when the sender is gone, and `self` owns it.
        let _ = releases.changed().await;
    }

    pub(crate) fn take_webhook(&self) -> Option<(WebhookFault, bool)> {
        self.plan().webhooks.pop_front()
    }

    pub(crate) fn take_webhook_release(&self) -> bool {
        std::mem::take(&mut self.plan().release_webhooks)
    }
}

/// Counts a call out again, also when its client left.
struct Hanging<'a>(&'a watch::Sender<usize>);

impl Drop for Hanging<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|hanging| *hanging = hanging.saturating_sub(1));
    }
}
