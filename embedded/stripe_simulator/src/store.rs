//! State and journal behind one lock: each call is read, decided, written and applied as a whole.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::calls;
use crate::error::ApiError;
use crate::expand::expand;
use crate::journal::{Journal, JournalError};
use crate::params::Params;
use crate::state::{Answer, Change, Delivery, State};
use crate::tx::{Context, Tx};

/// A call as it came over HTTP.
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) params: Params,
    pub(crate) context: Context,
}

/// What goes back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) replayed: bool,
}

impl From<&ApiError> for Reply {
    fn from(error: &ApiError) -> Self {
        Self { status: error.status, body: error.body().to_string(), replayed: false }
    }
}

/// The simulator's memory.
pub(crate) struct Store {
    inner: Mutex<(State, Journal)>,
    in_flight: Mutex<HashSet<String>>,
    /// How many events wait for delivery.
    waiting: watch::Sender<usize>,
}

impl Store {
    pub(crate) fn open(root: &Path, fsync: bool, now: i64) -> Result<Self, JournalError> {
        let (journal, state) = Journal::open(root, fsync, now)?;
        let waiting = watch::Sender::new(state.waiting_count());
        Ok(Self { inner: Mutex::new((state, journal)), in_flight: Mutex::default(), waiting })
    }

    fn lock(&self) -> MutexGuard<'_, (State, Journal)> {
        // A panic between two changes leaves the state whole: it is only touched by `apply`.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn watch_waiting(&self) -> watch::Receiver<usize> {
        self.waiting.subscribe()
    }

    /// Gives the folder free; later calls fail.
    pub(crate) fn close(&self) {
        self.lock().1.close();
    }

    /// Lets no call happen while `instant` runs, and returns the journal of this moment.
    pub(crate) fn freeze<T, E: From<io::Error>>(
        &self,
        instant: impl FnOnce() -> Result<T, E>,
    ) -> Result<(File, u64, T), E> {
        let guard = self.lock();
        let value = instant()?;
        let (file, length) = guard.1.written()?;
        Ok((file, length, value))
    }

    /// The connected account an object lives in.
    pub(crate) fn owner(&self, id: &str) -> Option<String> {
        self.lock().0.get(id).and_then(|stored| stored.account.clone())
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.lock().0.waiting_count()
    }

    /// Events to deliver, oldest first, each with its body as it is signed.
    pub(crate) fn waiting_events(&self, skip: &HashSet<String>, limit: usize) -> Vec<(String, Value)> {
        let guard = self.lock();
        let ids = guard.0.waiting().filter(|id| !skip.contains(*id)).take(limit);
        ids.filter_map(|id| Some((id.to_owned(), guard.0.get(id)?.whole()))).collect()
    }

    /// Notes what became of deliveries. Not forced to disk: the worst case is a duplicate.
    pub(crate) fn settle(&self, deliveries: Vec<(String, Delivery)>) -> Result<(), JournalError> {
        let mut guard = self.lock();
        let change = Change { deliveries, ..Change::default() };
        self.commit(&mut guard, change, false)
    }

    fn commit(&self, guard: &mut (State, Journal), change: Change, durable: bool) -> Result<(), JournalError> {
        if change.is_empty() {
            return Ok(());
        }
        guard.1.append(&change, durable)?;
        guard.0.apply(change);
        self.waiting.send_replace(guard.0.waiting_count());
        Ok(())
    }

    /// Claims an idempotency key until the guard is dropped; a second claim is refused.
    pub(crate) fn claim<'a>(&'a self, call: &Call) -> Result<Option<Claim<'a>>, ApiError> {
        let (Some(key), Some(scoped)) = (&call.context.idempotency_key, scoped_key(call)) else { return Ok(None) };
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if !in_flight.insert(scoped.clone()) {
            return Err(ApiError::key_in_use(key));
        }
        Ok(Some(Claim { store: self, key: scoped }))
    }

    /// Runs a call: stored answer, or the work and its journal record.
    pub(crate) fn run(&self, call: &Call) -> Reply {
        let key = scoped_key(call);
        let mut guard = self.lock();
        if let Some(answer) = key.as_ref().and_then(|key| guard.0.answer(key)) {
            return replay(answer, call);
        }
        let mut tx = Tx::new(&guard.0, &call.context);
        let outcome = calls::route(&mut tx, call).and_then(|answer| expand(&tx, answer, &call.params));
        let (reply, executed) = match &outcome {
            Ok(answer) => (Reply { status: 200, body: answer.to_string(), replayed: false }, true),
            Err(error) => (Reply::from(error), error.executed),
        };
        let mut change = if executed { tx.finish() } else { Change::default() };
        change.answer = key.filter(|_| executed).map(|key| Answer {
            key,
            fingerprint: fingerprint(call),
            status: reply.status,
            body: reply.body.clone(),
            created: call.context.now,
        });
        match self.commit(&mut guard, change, true) {
            Ok(()) => reply,
            Err(error) => {
                tracing::error!(%error, "the Stripe simulator cannot write");
                Reply::from(&ApiError::provider(500, "The simulator cannot write its journal."))
            }
        }
    }
}

/// An idempotency key in use.
pub(crate) struct Claim<'a> {
    store: &'a Store,
    key: String,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.store.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

fn scoped_key(call: &Call) -> Option<String> {
    let key = call.context.idempotency_key.as_ref().filter(|_| call.method == "POST")?;
    Some(format!("{}/{key}", call.context.account.as_deref().unwrap_or_default()))
}

fn fingerprint(call: &Call) -> String {
    hex::encode(Sha256::digest(format!("{} {}\n{}", call.method, call.path, call.params.canonical())))
}

fn replay(answer: &Answer, call: &Call) -> Reply {
    if answer.fingerprint == fingerprint(call) {
        return Reply { status: answer.status, body: answer.body.clone(), replayed: true };
    }
    let key = call.context.idempotency_key.as_deref().unwrap_or_default();
    Reply::from(&ApiError::key_reused(key))
}
