//! The cluster's files without its server: to be copied, or put in place from a copy.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::cluster::{self, PASSWORD_FILE};
use crate::error::{AtPath, StartError};
use crate::leftovers;
use crate::postmaster::socket_in;

/// A cluster whose server does not run, and cannot while this lives.
#[derive(Debug)]
pub struct StoppedCluster {
    home: PathBuf,
    _lock: File,
}

impl StoppedCluster {
    /// Takes the cluster of the data directory `root`; `None` if there is none. Waits for a server that still ends.
    ///
    /// # Errors
    /// The cluster is in use, or cannot be read.
    pub fn open(root: &Path) -> Result<Option<Self>, StartError> {
        let link = root.join("pg");
        if !link.join("data").exists() {
            return Ok(None);
        }
        let home = link.canonicalize().at("resolve", &link)?;
        let lock = cluster::lock(&home)?;
        leftovers::clear(&home.join("data"), &socket_in(&home.join("run")))?;
        Ok(Some(Self { home, _lock: lock }))
    }

    /// The server's files.
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// The file with the superuser's password.
    pub fn password_file(&self) -> PathBuf {
        self.home.join(PASSWORD_FILE)
    }
}

/// A cluster that is being put in place.
#[derive(Debug)]
pub struct NewCluster {
    account: Account,
    home: PathBuf,
    _lock: File,
}

impl NewCluster {
    /// Makes the cluster's folder in the data directory `root`, which holds none.
    ///
    /// # Errors
    /// There is a cluster already, or the folder cannot be made.
    pub fn prepare(root: &Path) -> Result<Self, StartError> {
        let root = root.canonicalize().at("resolve", root)?;
        let link = root.join("pg");
        let account = Account::for_cluster(&link);
        let home = cluster::make_home(&link, account)?;
        let lock = cluster::lock(&home)?;
        if home.join("data").exists() {
            return Err(StartError::InUse(home));
        }
        let new = Self { account, home, _lock: lock };
        cluster::remove_half_made(&new.data())?;
        account.make_private_dir(&new.data())?;
        Ok(new)
    }

    /// Where the server's files go.
    pub fn data(&self) -> PathBuf {
        self.home.join(cluster::HALF_MADE)
    }

    /// Where the superuser's password goes.
    pub fn password_file(&self) -> PathBuf {
        self.home.join(PASSWORD_FILE)
    }

    /// Hands everything to the server's account; from now on it is a cluster.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(self) -> Result<(), StartError> {
        let data = self.data();
        self.own_all(&data).at("change the owner of", &data)?;
        self.account.own(&self.password_file())?;
        fs::rename(&data, self.home.join("data")).at("rename", &data)?;
        File::open(&self.home).and_then(|dir| dir.sync_all()).at("sync", &self.home)
    }

    fn own_all(&self, path: &Path) -> io::Result<()> {
        let Some((uid, gid)) = self.account.switch_to() else { return Ok(()) };
        if fs::symlink_metadata(path)?.is_dir() {
            for entry in fs::read_dir(path)? {
                self.own_all(&entry?.path())?;
            }
        }
        chown(path, Some(uid), Some(gid))
    }
}
