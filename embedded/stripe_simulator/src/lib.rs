//! Speaks Stripe's HTTP API and keeps its state, for one machine and for tests.
//!
//! A call becomes one [`store::Store::run`]: under one lock it reads the state, decides in [`calls`], writes one journal
//! record (objects, events, the idempotent answer) and only then changes memory and answers. So a crash at any moment
//! leaves all of a call or nothing of it. Events wait in the same journal until the receiver has taken them.
//!
//! Simple rules where Stripe has long ones: the fee of a payment is 2.9 % and 30 minor units in any currency, a dispute
//! costs 1500; all funds are available at once; payouts, disputes and pending refunds move on in the call that made
//! them, so that nothing depends on time.

mod calls;
mod cards;
mod control;
mod error;
mod expand;
mod faults;
mod form;
mod journal;
mod list;
mod objects;
mod pages;
mod params;
mod server;
mod state;
mod store;
mod tx;
mod webhook;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError};

use actix_web::dev::ServerHandle;
use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;

pub use faults::{CallFault, Faults, WebhookFault};
pub use journal::JournalError;
pub use webhook::WebhookTarget;

use server::Simulator;
use store::Store;
use webhook::{Courier, Target};

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How a simulator is set up.
#[derive(Clone)]
pub struct Config {
    /// Folder of the journal; made if absent, used by one simulator at a time.
    pub root: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The key clients must show.
    pub secret_key: String,
    /// Receiver of events; without one none are queued.
    pub webhook: Option<WebhookTarget>,
    /// Time of objects and signatures.
    pub clock: Clock,
    /// Ids follow from it and from the order of calls; random when absent.
    pub seed: Option<u64>,
    /// Forces each change to disk before the answer.
    pub fsync: bool,
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The address cannot be bound.
    #[error("the simulator cannot listen on {address}: {source}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A running simulator. [`StripeSimulator::stop`] ends it; a dropped one keeps running.
pub struct StripeSimulator {
    simulator: Arc<Simulator>,
    server: ServerHandle,
    running: JoinHandle<std::io::Result<()>>,
    courier: JoinHandle<()>,
}

impl StripeSimulator {
    /// Reads the journal, starts the server on a thread of its own and the delivery of webhooks on the caller's runtime.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let now = (config.clock)();
        let (root, fsync) = (config.root, config.fsync);
        let opened = tokio::task::spawn_blocking(move || Store::open(&root, fsync, now.timestamp()));
        let store = Arc::new(opened.await.map_err(|error| JournalError::Io(std::io::Error::other(error)))??);
        let failed = |source| StartError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let target = Target::default();
        *target.write().unwrap_or_else(PoisonError::into_inner) = config.webhook;
        let simulator = Arc::new(Simulator {
            store: Arc::clone(&store),
            faults: Arc::default(),
            target: Arc::clone(&target),
            clock: Arc::clone(&config.clock),
            seed: config.seed.unwrap_or_else(rand::random),
            secret_key: config.secret_key,
            base_url: format!("http://{address}"),
            requests: AtomicU64::new(now.timestamp_micros().unsigned_abs()),
        });
        let server = server::serve(listener, Arc::clone(&simulator)).map_err(failed)?;
        let handle = server.handle();
        let running = tokio::spawn(server);
        let courier = Courier::new(store, Arc::clone(&simulator.faults), target, config.clock);
        Ok(Self { simulator, server: handle, running, courier: tokio::spawn(courier.run()) })
    }

    /// Address of the API, such as `http://127.0.0.1:12111`.
    pub fn base_url(&self) -> String {
        self.simulator.base_url.clone()
    }

    /// Sends events to this receiver from now on, waiting ones included.
    pub fn set_webhook(&self, target: WebhookTarget) {
        *self.simulator.target.write().unwrap_or_else(PoisonError::into_inner) = Some(target);
        self.simulator.faults.webhooks_changed.notify_one();
    }

    /// Faults for tests.
    pub fn faults(&self) -> &Faults {
        &self.simulator.faults
    }

    /// How many events wait for delivery.
    pub fn undelivered(&self) -> usize {
        self.simulator.store.waiting_count()
    }

    /// Waits until no event waits for delivery. Events held back by a fault count as waiting.
    pub async fn deliveries_settled(&self) {
        // Fails only when the sender is gone, and the store owns it.
        let _ = self.simulator.store.watch_waiting().wait_for(|waiting| *waiting == 0).await;
    }

    /// A handle for copies, for use beside the server.
    pub fn copies(&self) -> Copies {
        Copies { store: Arc::clone(&self.simulator.store) }
    }

    /// Ends delivery and server; the folder may then be opened again.
    pub async fn stop(self) {
        self.courier.abort();
        self.simulator.faults.clear();
        self.server.stop(false).await;
        // An aborted task answers with an error; the server's own was logged by actix.
        let _ = tokio::join!(self.courier, self.running);
        self.simulator.store.close();
    }
}

/// Makes copies of a running simulator's state.
#[derive(Clone)]
pub struct Copies {
    store: Arc<Store>,
}

impl std::fmt::Debug for Copies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Copies").finish_non_exhaustive()
    }
}

impl Copies {
    /// The journal's name in the simulator's folder.
    pub const FILE: &str = journal::FILE;

    /// Lets no call happen while `instant` runs, and returns the journal of this moment to read. Blocks.
    pub fn freeze<T, E: From<std::io::Error>>(
        &self,
        instant: impl FnOnce() -> Result<T, E>,
    ) -> Result<(std::io::Take<std::fs::File>, T), E> {
        let (file, length, value) = self.store.freeze(instant)?;
        Ok((std::io::Read::take(file, length), value))
    }
}
