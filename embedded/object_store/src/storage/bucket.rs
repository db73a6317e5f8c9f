//! One bucket: commits, reads and listings.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::condition::Conditions;
use super::disk::Disk;
use super::draft::{Digests, Draft};
use super::error::StorageError;
use super::hold::Holds;
use super::index::{Entry, Index, Page, Query};
use super::journal::{Journal, Record};
use super::object_file::{self, Attributes, Head};
use super::upload::Upload;
use super::{lock, now_ms, read, recovery, write};

/// Commits of one key are serialised by one of these locks, so that a condition still holds when the record is written.
const KEY_LOCKS: usize = 64;
/// Reads race with overwrites, which remove the file just found; a few turns are plenty.
const OPEN_ATTEMPTS: usize = 16;

/// A bucket in service.
pub(crate) struct Bucket {
    dir: PathBuf,
    created: u64,
    pub(super) disk: Disk,
    index: RwLock<Index>,
    journal: Journal,
    key_locks: [Mutex<()>; KEY_LOCKS],
    /// False once the bucket is deleted; held for reading through every commit.
    open: RwLock<bool>,
    holds: Arc<Holds>,
    pub(super) uploads: Mutex<HashMap<String, Arc<Upload>>>,
}

/// What recovery found in a bucket's directory.
pub(super) struct Recovered {
    pub(super) created: u64,
    pub(super) index: Index,
    pub(super) journal: Journal,
    pub(super) uploads: HashMap<String, Arc<Upload>>,
}

/// A new object, but for its data.
pub(crate) struct NewObject {
    pub(crate) key: String,
    pub(crate) attributes: Attributes,
    pub(crate) etag: String,
    /// The multipart upload it comes from.
    pub(crate) upload: Option<String>,
}

impl Bucket {
    pub(super) fn new(dir: &Path, disk: Disk, holds: Arc<Holds>, found: Recovered) -> Self {
        Self {
            dir: dir.to_owned(),
            created: found.created,
            disk,
            index: RwLock::new(found.index),
            journal: found.journal,
            key_locks: std::array::from_fn(|_| Mutex::default()),
            open: RwLock::new(true),
            holds,
            uploads: Mutex::new(found.uploads),
        }
    }

    /// Milliseconds since 1970.
    pub(crate) fn created(&self) -> u64 {
        self.created
    }

    /// The directory for files being written.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.dir.join("tmp")
    }

    pub(super) fn uploads_dir(&self) -> PathBuf {
        self.dir.join("uploads")
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        read(&self.index).len()
    }

    /// One page of a listing, from memory.
    pub(crate) fn page(&self, query: &Query<'_>) -> Page {
        read(&self.index).page(query)
    }

    /// Opens an object's file and reads its head.
    pub(crate) fn open_object(&self, key: &str, conditions: &Conditions) -> Result<(File, Head), StorageError> {
        let mut attempts = 0;
        loop {
            let entry = read(&self.index).get(key).cloned().ok_or(StorageError::NoSuchKey)?;
            conditions.check_read(&entry)?;
            attempts += 1;
            match object_file::open(&object_path(&self.dir, key, entry.version)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < OPEN_ATTEMPTS => {}
                other => return Ok(other?),
            }
        }
    }

    /// Makes a finished draft the object of its key and returns its head. Steps 1 to 4 of the [module](super).
    pub(crate) fn put(
        &self,
        mut draft: Draft,
        digests: &Digests,
        object: NewObject,
        conditions: &Conditions,
    ) -> Result<Head, StorageError> {
        let head = Head {
            key: object.key,
            version: Uuid::now_v7(),
            size: digests.size,
            etag: object.etag,
            sha256: digests.sha256.clone(),
            modified: now_ms(),
            attributes: object.attributes,
            upload: object.upload,
        };
        draft.seal(&head, self.disk)?;
        let open = self.ensure_open()?;
        let path = object_path(&self.dir, &head.key, head.version);
        draft.place(&path, self.disk)?;
        let result = self.commit(&head, conditions);
        drop(open);
        if matches!(result, Err(StorageError::PreconditionFailed | StorageError::NoSuchKey)) {
            self.holds.remove(&path);
        }
        self.tidy();
        result.map(|()| head)
    }

    /// Shortens an overgrown journal, with no commit under way.
    fn tidy(&self) {
        if !self.journal.overgrown() {
            return;
        }
        let open = write(&self.open);
        if *open
            && self.journal.overgrown()
            && let Err(error) =
                self.journal.compact(&recovery::journal_path(&self.dir), self.created, &read(&self.index))
        {
            tracing::error!(%error, "journal not compacted");
        }
    }

    fn commit(&self, head: &Head, conditions: &Conditions) -> Result<(), StorageError> {
        let entry = Entry { version: head.version, size: head.size, etag: head.etag.clone(), modified: head.modified };
        let _key = self.lock_key(&head.key);
        conditions.check_write(read(&self.index).get(&head.key))?;
        self.journal.append(&Record::Put { key: head.key.clone(), entry: entry.clone() })?;
        let before = write(&self.index).insert(head.key.clone(), entry);
        if let Some(before) = before {
            self.holds.remove(&object_path(&self.dir, &head.key, before.version));
        }
        Ok(())
    }

    /// Deletes an object; one that does not exist is fine unless a condition asks for it.
    pub(crate) fn delete(&self, key: &str, conditions: &Conditions) -> Result<(), StorageError> {
        let open = self.ensure_open()?;
        let result = self.commit_delete(key, conditions);
        drop(open);
        self.tidy();
        result
    }

    fn commit_delete(&self, key: &str, conditions: &Conditions) -> Result<(), StorageError> {
        let _key = self.lock_key(key);
        let current = read(&self.index).get(key).cloned();
        conditions.check_write(current.as_ref())?;
        let Some(entry) = current else { return Ok(()) };
        self.journal.append(&Record::Delete { key: key.to_owned() })?;
        write(&self.index).remove(key);
        self.holds.remove(&object_path(&self.dir, key, entry.version));
        Ok(())
    }

    /// Takes the bucket out of service if it holds no objects; no commit can follow.
    pub(super) fn close_if_empty(&self) -> Result<(), StorageError> {
        let mut open = write(&self.open);
        if self.len() > 0 {
            return Err(StorageError::BucketNotEmpty);
        }
        *open = false;
        Ok(())
    }

    /// Holds the bucket in service while the guard lives.
    pub(super) fn ensure_open(&self) -> Result<RwLockReadGuard<'_, bool>, StorageError> {
        let open = read(&self.open);
        if *open { Ok(open) } else { Err(StorageError::NoSuchBucket) }
    }

    /// Waits for the commits under way and lets none follow while the guard lives.
    pub(super) fn freeze(&self) -> RwLockWriteGuard<'_, bool> {
        write(&self.open)
    }

    /// Keys and versions as they are.
    pub(super) fn versions(&self) -> Vec<(String, Uuid)> {
        read(&self.index).iter().map(|(key, entry)| (key.clone(), entry.version)).collect()
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    fn lock_key(&self, key: &str) -> std::sync::MutexGuard<'_, ()> {
        let [first, ..] = <[u8; 32]>::from(Sha256::digest(key));
        lock(&self.key_locks[usize::from(first) % KEY_LOCKS])
    }
}

/// Where a version of a key lies. No text of the key enters the path, so it cannot lead elsewhere.
pub(super) fn object_path(bucket: &Path, key: &str, version: Uuid) -> PathBuf {
    let hash = hex::encode(Sha256::digest(key));
    let fan = hash.get(..2).unwrap_or_default();
    bucket.join("objects").join(fan).join(format!("{hash}.{}", version.simple()))
}

/// Keys are 1 to 1024 bytes of UTF-8. Control characters are refused: XML, and so no listing, could carry them.
pub(crate) fn check_key(key: &str) -> Result<(), StorageError> {
    if key.len() > 1024 {
        return Err(StorageError::KeyTooLong);
    }
    let unfit = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    if key.is_empty() || key.contains(unfit) { Err(StorageError::InvalidKey) } else { Ok(()) }
}
