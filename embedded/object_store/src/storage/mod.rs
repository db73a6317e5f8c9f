//! Crash-safe storage: buckets of immutable object files, an ordered index in memory, and a journal that rebuilds it.
//!
//! Everything here blocks on the disk and must run on a blocking thread. A commit goes in this order, so that a kill
//! at any moment leaves each object either as it was or whole and new:
//!
//! 1. data and head are written to a file in `tmp/` and fsync'ed;
//! 2. the file is renamed to its own, never used path under `objects/`, and the directory is fsync'ed;
//! 3. a record is appended to the journal and fsync'ed (the moment of truth);
//! 4. the index in memory changes, the file of the version before is removed, the caller is answered.
//!
//! A file of step 2 without a record of step 3 was never acknowledged and is swept at the next start.

pub(crate) mod bucket;
pub(crate) mod condition;
pub(crate) mod disk;
pub(crate) mod draft;
pub(crate) mod error;
pub(crate) mod hold;
pub(crate) mod index;
pub(crate) mod journal;
pub(crate) mod object_file;
mod recovery;
pub(crate) mod snapshot;
pub(crate) mod store;
pub(crate) mod upload;

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Locks a mutex. A panic of another holder does not matter here: each guarded change is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for reading; see [`lock`].
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for writing; see [`lock`].
pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970, the form in which times are stored.
pub(crate) fn now_ms() -> u64 {
    to_ms(SystemTime::now())
}

/// A point in time as milliseconds since 1970; times before that are 0.
pub(crate) fn to_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The point in time of a stored number of milliseconds, cut to the whole second that HTTP dates carry.
pub(crate) fn to_http_time(ms: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(ms / 1000)
}
