//! All buckets under one root directory.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock, RwLockReadGuard};

use super::bucket::Bucket;
use super::disk::{self, Disk};
use super::error::StorageError;
use super::hold::Holds;
use super::{read, recovery, write};

/// The storage of one server.
pub(crate) struct Store {
    root: PathBuf,
    disk: Disk,
    buckets: RwLock<BTreeMap<String, Arc<Bucket>>>,
    pub(super) holds: Arc<Holds>,
    /// Held as long as the store lives; the system lets go of it when the process dies.
    _lock: File,
}

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("another process uses the directory")]
    Locked,
    #[error("disk: {0}")]
    Io(#[from] io::Error),
}

impl Store {
    /// Opens (or makes) the store at `root`: sweeps leftovers, loads or rebuilds each bucket's index.
    pub(crate) fn open(root: &Path, disk: Disk) -> Result<Self, OpenError> {
        // Tenants' files are nobody else's business on this machine.
        DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let lock = File::create(root.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::Locked,
            TryLockError::Error(error) => OpenError::Io(error),
        })?;
        for dir in ["trash", "buckets"] {
            disk::ensure_dir(&root.join(dir))?;
        }
        disk.sync_dir(root)?;
        disk::empty_dir(&root.join("trash"))?;
        let (mut buckets, holds) = (BTreeMap::new(), Arc::<Holds>::default());
        for item in std::fs::read_dir(root.join("buckets"))? {
            let item = item?;
            if let Ok(name) = item.file_name().into_string() {
                buckets.insert(name, Arc::new(recovery::open(&item.path(), disk, Arc::clone(&holds))?));
            }
        }
        Ok(Self { root: root.to_owned(), disk, buckets: RwLock::new(buckets), holds, _lock: lock })
    }

    /// The bucket of this name.
    pub(crate) fn bucket(&self, name: &str) -> Result<Arc<Bucket>, StorageError> {
        read(&self.buckets).get(name).cloned().ok_or(StorageError::NoSuchBucket)
    }

    /// Names and creation times (milliseconds since 1970), in order.
    pub(crate) fn list(&self) -> Vec<(String, u64)> {
        read(&self.buckets).iter().map(|(name, bucket)| (name.clone(), bucket.created())).collect()
    }

    /// Makes a bucket; one that exists already stays as it is. The name was checked by the protocol: it holds no path.
    pub(crate) fn create_bucket(&self, name: &str) -> Result<(), StorageError> {
        let mut buckets = write(&self.buckets);
        if !buckets.contains_key(name) {
            // Laid out aside and renamed, so that a bucket is never seen half made.
            let draft = self.trash().join(uuid::Uuid::new_v4().simple().to_string());
            recovery::lay_out(&draft, self.disk)?;
            let dir = self.dir(name);
            self.disk.place(&draft, &dir)?;
            buckets.insert(name.to_owned(), Arc::new(recovery::open(&dir, self.disk, Arc::clone(&self.holds))?));
        }
        Ok(())
    }

    /// Deletes an empty bucket, along with its unfinished uploads.
    pub(crate) fn delete_bucket(&self, name: &str) -> Result<(), StorageError> {
        let mut buckets = write(&self.buckets);
        buckets.get(name).ok_or(StorageError::NoSuchBucket)?.close_if_empty()?;
        buckets.remove(name);
        disk::discard_dir(&self.dir(name), &self.trash())?;
        Ok(self.disk.sync_dir(&self.root.join("buckets"))?)
    }

    /// Every bucket, with no bucket made or deleted while the guard lives.
    pub(super) fn all(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Bucket>>> {
        read(&self.buckets)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn dir(&self, name: &str) -> PathBuf {
        self.root.join("buckets").join(name)
    }

    fn trash(&self) -> PathBuf {
        self.root.join("trash")
    }
}
