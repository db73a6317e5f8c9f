//! Supervisor of a private PostgreSQL.
//!
//! Makes a cluster in the data directory the first time, runs `postgres` on a unix socket only, restarts it when it
//! dies, and stops it with the program: in order by [`EmbeddedPostgres::stop`], and by the kernel when the program
//! itself is killed. Works as root too, where the server runs under an unprivileged account.

mod account;
mod binaries;
mod cluster;
mod error;
mod files;
mod leftovers;
mod postmaster;
mod supervisor;

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use crate::error::StartError;
pub use crate::files::{NewCluster, StoppedCluster};

use crate::cluster::Cluster;
use crate::postmaster::Server;
use crate::supervisor::Supervisor;

/// The superuser `initdb` makes.
const SUPERUSER: &str = "postgres";

/// A libpq URL for a role, through the unix socket in a folder.
fn url_at(socket_dir: &Path, user: &str, password: &str, database: &str) -> String {
    let socket = socket_dir.to_string_lossy();
    let [user, password, host, database] =
        [user, password, &socket, database].map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC));
    // The port names the socket file; without it the client's PGPORT would.
    format!("postgresql://{user}:{password}@{host}:{port}/{database}", port = postmaster::PORT)
}

/// A libpq URL for a role of the server that another process runs on the data directory `root`; `None` if none runs, as far as
/// the server's own file says.
pub fn url_of_running(root: &Path, user: &str, password: &str, database: &str) -> Option<String> {
    /// The line of the file with the socket's folder.
    const SOCKET_DIR: usize = 4;
    let file = std::fs::read_to_string(root.join("pg/data/postmaster.pid")).ok()?;
    let socket_dir = file.lines().nth(SOCKET_DIR).filter(|line| !line.is_empty())?;
    Some(url_at(Path::new(socket_dir), user, password, database))
}

/// Where the cluster lives and how the server is set.
#[derive(Clone, Debug)]
pub struct Config {
    /// The program's data directory, made if missing. The cluster goes into its folder `pg`, or into `/var/lib` behind
    /// a symbolic link when the server's account cannot enter the data directory.
    pub root: PathBuf,
    /// Server settings given as `-c name=value`, e.g. `max_connections`. With `fsync=off` initdb does not sync either.
    pub settings: Vec<(String, String)>,
}

/// A running private PostgreSQL; dropping it stops the server.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    // Fields drop in this order: the server ends before the lock on the cluster goes.
    supervisor: Supervisor,
    cluster: Cluster,
}

impl EmbeddedPostgres {
    /// Starts the server and returns once it accepts connections. Blocks: seconds the first time, then well under one.
    ///
    /// # Errors
    /// No usable PostgreSQL on the machine, another instance on the same directory, or a server that does not start.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let cluster = Cluster::open(&config.root, &config.settings)?;
        let supervisor = Supervisor::start(Server::new(&cluster, &config.settings))?;
        Ok(Self { supervisor, cluster })
    }

    /// A libpq URL for the superuser.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url(SUPERUSER, self.cluster.password(), database)
    }

    /// A libpq URL for a role, through the unix socket.
    pub fn url(&self, user: &str, password: &str, database: &str) -> String {
        url_at(self.socket_dir(), user, password, database)
    }

    /// The directory of the socket, open to the server's account (and root) only.
    pub fn socket_dir(&self) -> &Path {
        self.cluster.socket_dir()
    }

    /// The server's files, for a backup of the running server.
    pub fn data(&self) -> &Path {
        self.cluster.data()
    }

    /// The file with the superuser's password.
    pub fn password_file(&self) -> PathBuf {
        self.cluster.data().with_file_name(cluster::PASSWORD_FILE)
    }

    /// The server's process id; 0 between a crash and the restart.
    pub fn pid(&self) -> i32 {
        self.supervisor.pid()
    }

    /// How many times the server came back after an unexpected end.
    pub fn restarts(&self) -> u64 {
        self.supervisor.restarts()
    }

    /// Waits until the server has come back at least `count` times; false when that takes longer than `limit`.
    pub fn wait_for_restarts(&self, count: u64, limit: Duration) -> bool {
        self.supervisor.wait_for_restarts(count, limit)
    }

    /// Ends every connection, writes a checkpoint, and waits for the server's end.
    pub fn stop(self) {
        drop(self);
    }
}
