//! SMTP server on the loopback interface that delivers nothing and keeps everything.
//!
//! A mail is acknowledged only when it is on disk, so an acknowledged mail survives the death of the process. Nothing is
//! ever merged: a mail sent twice shows twice.

mod command;
mod connection;
mod parse;
mod session;
mod store;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::session::Session;
use crate::store::Store;

/// The largest mail taken, in bytes.
pub const SIZE_MAX: usize = 10 << 20;
/// How many clients are served at once; further ones wait.
const CONNECTIONS_MAX: usize = 64;

/// The clock that stamps arriving mails.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A mail as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaughtMail {
    /// The envelope's recipients, which need not stand in the mail itself.
    pub to: Vec<String>,
    /// The decoded subject.
    pub subject: String,
    /// The first plain text part; empty without one.
    pub text: String,
    /// The first HTML part; empty without one.
    pub html: String,
    /// When it was received.
    pub at: DateTime<Utc>,
}

/// The running server.
#[derive(Debug)]
pub struct MailCatcher {
    address: SocketAddr,
    mailbox: Mailbox,
    stopping: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl MailCatcher {
    /// Opens (or makes) the directory of mails and listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// The directory cannot be used or no port be had.
    pub async fn start(dir: &Path, now: Now) -> io::Result<Self> {
        let dir = dir.to_owned();
        let store = Arc::new(tokio::task::spawn_blocking(move || Store::open(dir, now)).await??);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stopping, stop) = watch::channel(false);
        let server = tokio::spawn(serve(listener, Arc::clone(&store), stop));
        Ok(Self { address, mailbox: Mailbox { store }, stopping, server })
    }

    /// Where to send mail: `smtp://127.0.0.1:<port>`.
    pub fn smtp_url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// A handle to what was caught, for use beside the server.
    pub fn mailbox(&self) -> Mailbox {
        self.mailbox.clone()
    }

    /// What was caught, newest first; with `to` only what was sent to that address, in whatever case.
    pub fn messages(&self, to: Option<&str>) -> Vec<CaughtMail> {
        self.mailbox.messages(to)
    }

    /// See [`Mailbox::wait_for`].
    pub async fn wait_for<T>(&self, pick: impl FnMut(&[CaughtMail]) -> Option<T>) -> T {
        self.mailbox.wait_for(pick).await
    }

    /// Takes no further mail and returns when those being stored are on disk.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the mail catcher ended badly");
        }
    }
}

/// What was caught.
#[derive(Clone, Debug)]
pub struct Mailbox {
    store: Arc<Store>,
}

impl Mailbox {
    /// What was caught, newest first; with `to` only what was sent to that address, in whatever case.
    pub fn messages(&self, to: Option<&str>) -> Vec<CaughtMail> {
        let wanted = |mail: &&CaughtMail| to.is_none_or(|to| mail.to.iter().any(|each| same_address(each, to)));
        self.store.mails().borrow().iter().rev().filter(wanted).cloned().collect()
    }

    /// Lets no mail arrive while `instant` runs, and returns the files of this moment, which never change. Blocks.
    pub fn freeze<T, E: From<io::Error>>(
        &self,
        instant: impl FnOnce() -> Result<T, E>,
    ) -> Result<(Vec<PathBuf>, T), E> {
        self.store.freeze(instant)
    }

    /// Waits until `pick` finds what it wants. It sees all mails, oldest first, now and after each arrival.
    pub async fn wait_for<T>(&self, mut pick: impl FnMut(&[CaughtMail]) -> Option<T>) -> T {
        let mut mails = self.store.mails();
        loop {
            if let Some(found) = pick(&mails.borrow_and_update()) {
                return found;
            }
            if mails.changed().await.is_err() {
                // The store lives as long as `self`, so its sender cannot be gone.
                std::future::pending::<()>().await;
            }
        }
    }
}

fn same_address(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

async fn serve(listener: TcpListener, store: Arc<Store>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut sessions = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        while sessions.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let session = Session::new(stream, Arc::clone(&store), stop.clone());
                sessions.spawn(async move {
                    session.run().await;
                    drop(place);
                });
            }
            Err(error) => tracing::warn!(%error, "cannot accept a mail connection"),
        }
    }
    while sessions.join_next().await.is_some() {}
}
