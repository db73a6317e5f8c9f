//! Why a start failed.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why the private PostgreSQL did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file operation failed.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    File {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Another process holds the cluster.
    #[error("another instance already runs with the data directory {path}", path = .0.display())]
    InUse(PathBuf),
    /// No usable binaries were found.
    #[error(
        "no usable PostgreSQL {wanted} found. Install it with\n    apt-get install postgresql\nor run \
         scripts/install-postgresql.sh, name its folder in PG_BINDIR, or set DATABASE_URL to a server of your own.{looked}"
    )]
    NoBinaries {
        /// The major versions that would do.
        wanted: String,
        /// What was found and why it does not serve, one line each.
        looked: String,
    },
    /// The programs that are there are of another major version than the data.
    #[error(
        "the database is of PostgreSQL {major}, and no programs of that version were found: install them (apt-get install \
         postgresql-{major}) or move the data as docs/OPERATIONS.md says under \"Upgrades\"; nothing was changed ({looked})"
    )]
    OtherMajor {
        /// The data's version.
        major: u32,
        /// What was found.
        looked: String,
    },
    /// `initdb` failed.
    #[error("initdb failed:\n{0}")]
    Initdb(String),
    /// An earlier server of this cluster does not go away.
    #[error("an earlier PostgreSQL (process {0}) of this data directory does not stop")]
    Stuck(i32),
    /// The server ended before it was ready.
    #[error("PostgreSQL ended at its start ({status}); the end of its log {log_path}:\n{log}", log_path = log_path.display())]
    Exited {
        /// How it ended.
        status: ExitStatus,
        /// The server's log.
        log_path: PathBuf,
        /// The log's last lines.
        log: String,
    },
    /// The server did not get ready in time and was stopped.
    #[error("PostgreSQL was not ready after {0} seconds")]
    NotReady(u64),
    /// The supervisor was told to stop before the server was ready.
    #[error("stopped before PostgreSQL was ready")]
    Stopped,
    /// A thread or random bytes could not be had.
    #[error("the system refused a resource: {0}")]
    System(#[source] io::Error),
}

/// Names the operation and the path an [`io::Error`] belongs to.
pub(crate) trait AtPath<T> {
    /// `action` completes "cannot ... path".
    fn at(self, action: &'static str, path: &Path) -> Result<T, StartError>;
}

impl<T> AtPath<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, StartError> {
        self.map_err(|source| StartError::File { action, path: path.to_owned(), source })
    }
}
