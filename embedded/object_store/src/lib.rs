//! An S3 server for one machine and for tests, on crash-safe files.
//!
//! The protocol (signatures, presigned URLs, chunked bodies, XML) is the s3s crate's; what lies behind it is ours:
//!
//! ```text
//! server (connections) -> gate (what must be signed) -> gateway (operations) -> storage (files, journal, index)
//! ```
//!
//! What is promised:
//! 1. An acknowledged write, copy, completion or deletion outlives `kill -9`, and a power cut if [`Config::fsync`].
//! 2. One that was not acknowledged is absent or whole, never partial; its leftovers are swept at the next start.
//! 3. Keys never become paths: any text of up to 1024 bytes without control characters is a key, `../x` and `a` beside
//!    `a/b` included.
//! 4. Listings are answered from memory and read no object file.
//! 5. Objects of any size pass in constant memory, both ways.
//!
//! On disk: `buckets/<name>/` with `journal` (see `storage::journal`), `objects/<xx>/<sha256 of key>.<version>`,
//! `uploads/<id>/` for unfinished multipart uploads, and `tmp/`.

mod gate;
// Clippy itself does not look at this lint in test builds.
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "the protocol's types have speaking names"))]
mod gateway;
mod server;
mod storage;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::AbortOnDropHandle;

pub use storage::snapshot::{Hold, Snapshot};

use gate::Gate;
use gateway::Gateway;
use storage::disk::Disk;
use storage::store::{OpenError, Store};

/// The largest XML body: 1000 keys of 1024 bytes, each byte escaped.
const MAX_XML: usize = 8 * 1024 * 1024;
/// Form uploads are refused; this bounds what is read before that.
const MAX_FORM: usize = 64 * 1024;

/// How to run a server.
#[derive(Clone)]
pub struct Config {
    /// Directory of all data; made if missing. One server at a time may use it.
    pub root: PathBuf,
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The only access key that may sign.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// Whether writes are forced to the disk before they are acknowledged. Without, a killed process still loses
    /// nothing, a power cut may; for tests of other parts.
    pub fsync: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, listen, access_key, secret_key: _, fsync } = self;
        f.debug_struct("Config")
            .field("root", root)
            .field("listen", listen)
            .field("access_key", access_key)
            .field("fsync", fsync)
            .finish_non_exhaustive()
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The access key or the secret is empty.
    #[error("the object store needs an access key and a secret key")]
    EmptyCredentials,
    /// Another server has the root directory open.
    #[error("another object store uses {0}")]
    Locked(PathBuf),
    /// The data could not be read or written.
    #[error("object store files: {0}")]
    Storage(#[source] io::Error),
    /// The address could not be listened on.
    #[error("object store cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
}

/// A running server. Dropping it ends it at once; [`ObjectStore::stop`] lets running requests end first.
pub struct ObjectStore {
    address: SocketAddr,
    store: Arc<Store>,
    stop: DropGuard,
    server: AbortOnDropHandle<()>,
}

impl ObjectStore {
    /// Recovers the data under the root and serves it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config) -> Result<Self, StartError> {
        if config.access_key.is_empty() || config.secret_key.is_empty() {
            return Err(StartError::EmptyCredentials);
        }
        let (root, disk) = (config.root.clone(), Disk::new(config.fsync));
        let opened = tokio::task::spawn_blocking(move || Store::open(&root, disk)).await;
        let store = match opened.map_err(|error| StartError::Storage(io::Error::other(error)))? {
            Ok(store) => Arc::new(store),
            Err(OpenError::Locked) => return Err(StartError::Locked(config.root)),
            Err(OpenError::Io(error)) => return Err(StartError::Storage(error)),
        };
        let unheard = |error| StartError::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).await.map_err(unheard)?;
        let address = listener.local_addr().map_err(unheard)?;
        let service = service(Arc::clone(&store), config.access_key, config.secret_key);
        let stop = CancellationToken::new();
        let server = tokio::spawn(server::serve(listener, service, stop.clone()));
        Ok(Self { address, store, stop: stop.drop_guard(), server: AbortOnDropHandle::new(server) })
    }

    /// The URL clients use, path style: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The region to sign for.
    pub fn region() -> &'static str {
        gateway::REGION
    }

    /// How many objects a bucket holds; 0 for one that does not exist.
    pub fn object_count(&self, bucket: &str) -> usize {
        self.store.bucket(bucket).map_or(0, |bucket| bucket.len())
    }

    /// A handle for copies, for use beside the server.
    pub fn copies(&self) -> Copies {
        Copies { store: Arc::clone(&self.store) }
    }

    /// Takes no new connections, lets running requests end (at most five seconds) and returns when all is closed.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "object store ended badly");
        }
    }
}

/// Makes copies of a running server's data.
#[derive(Clone)]
pub struct Copies {
    store: Arc<Store>,
}

impl Copies {
    /// Keeps every object file that is there, or comes, until the hold ends.
    pub fn hold(&self) -> Hold {
        Hold::take(Arc::clone(&self.store))
    }
}

impl fmt::Debug for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copies").finish_non_exhaustive()
    }
}

fn service(store: Arc<Store>, access_key: String, secret_key: String) -> S3Service {
    let mut limits = S3Config::default();
    limits.xml_max_body_size = MAX_XML;
    limits.form_max_field_size = MAX_FORM;
    limits.form_max_fields_size = MAX_FORM;
    limits.post_object_max_file_size = MAX_FORM as u64;
    let mut builder = S3ServiceBuilder::new(Gateway { store });
    builder.set_auth(SimpleAuth::from_single(access_key, secret_key));
    builder.set_access(Gate);
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(limits))));
    builder.build()
}
