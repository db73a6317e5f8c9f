//! The append-only journal: one line for each change, `checksum json\n`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::state::{Change, State};

pub(crate) const FILE: &str = "journal.jsonl";
const FRESH: &str = "journal.new";
const LOCK: &str = "lock";
const LOCK_TRIES: usize = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system refused.
    #[error("the simulator's journal: {0}")]
    Io(#[from] io::Error),
    /// A record in the middle is damaged; only the last may be torn.
    #[error("the simulator's journal is damaged in line {line}")]
    Damaged {
        /// Number of the line, counted from one.
        line: usize,
    },
    /// Another process uses the same folder.
    #[error("another simulator uses this folder")]
    Locked,
    /// A write failed before, so memory and disk may differ.
    #[error("the simulator's journal failed and takes no more changes")]
    Broken,
}

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    fsync: bool,
    broken: bool,
    lock: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the folder, reads its state back and writes it anew without history.
    pub(crate) fn open(root: &Path, fsync: bool, now: i64) -> Result<(Self, State), JournalError> {
        fs::create_dir_all(root)?;
        let lock = lock(root)?;
        let state = match fs::read(root.join(FILE)) {
            Ok(bytes) => replay(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(error.into()),
        };
        compact(root, &state, now)?;
        let mut file = OpenOptions::new().write(true).open(root.join(FILE))?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self { file, fsync, broken: false, lock, path: root.join(FILE) }, state))
    }

    /// Writes a change; once this returns, it survives a crash (if `durable` and fsync are on).
    pub(crate) fn append(&mut self, change: &Change, durable: bool) -> Result<(), JournalError> {
        if self.broken {
            return Err(JournalError::Broken);
        }
        // Set until the write is through: after a failed one nobody knows what the file holds.
        self.broken = true;
        self.file.write_all(line(change)?.as_bytes())?;
        if self.fsync && durable {
            self.file.sync_data()?;
        }
        self.broken = false;
        Ok(())
    }

    /// The file as it is now; it only grows, so its first bytes up to the length are this state for ever.
    pub(crate) fn written(&self) -> io::Result<(File, u64)> {
        let file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        Ok((file, length))
    }

    /// Lets another simulator open the folder; this one takes no more changes.
    pub(crate) fn close(&mut self) {
        self.broken = true;
        // Should it fail, the lock ends with the file handle.
        let _ = self.lock.unlock();
    }
}

/// Takes the folder's lock. A process just killed holds it for a moment longer, so it is tried for a second.
fn lock(root: &Path) -> Result<File, JournalError> {
    let file = File::create(root.join(LOCK))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
        }
    }
    Err(JournalError::Locked)
}

fn line(change: &Change) -> Result<String, JournalError> {
    let json = serde_json::to_string(change).map_err(io::Error::from)?;
    Ok(format!("{} {json}\n", checksum(&json)))
}

fn checksum(json: &str) -> String {
    hex::encode(&Sha256::digest(json.as_bytes())[..8])
}

fn read(line: &[u8]) -> Option<Change> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, json) = line.split_once(' ')?;
    if sum != checksum(json) {
        return None;
    }
    serde_json::from_str(json).ok()
}

fn replay(bytes: &[u8]) -> Result<State, JournalError> {
    let mut state = State::default();
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        match read(line) {
            Some(change) => state.apply(change),
            None if lines.peek().is_none() => break,
            None => return Err(JournalError::Damaged { line: index + 1 }),
        }
    }
    Ok(state)
}

fn compact(root: &Path, state: &State, now: i64) -> Result<(), JournalError> {
    let mut fresh = BufWriter::new(File::create(root.join(FRESH))?);
    for change in state.snapshot(now) {
        fresh.write_all(line(&change)?.as_bytes())?;
    }
    fresh.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(root.join(FRESH), root.join(FILE))?;
    Ok(File::open(root)?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::state::Stored;

    fn customer(id: &str) -> Change {
        let value = json!({"object": "customer", "id": id, "created": 1});
        let stored = Stored { account: None, value, notes: json!(null), body: None };
        Change { put: vec![stored], serial: 7, ..Change::default() }
    }

    #[test]
    fn a_torn_tail_is_cut_and_the_rest_is_kept() {
        let whole = line(&customer("cus_1")).unwrap() + &line(&customer("cus_2")).unwrap();
        for cut in 1..line(&customer("cus_2")).unwrap().len() {
            let state = replay(&whole.as_bytes()[..whole.len() - cut]).unwrap();
            assert!(state.get("cus_1").is_some() && state.get("cus_2").is_none(), "cut {cut}");
        }
        assert_eq!(replay(whole.as_bytes()).unwrap().ids("customer").len(), 2);
    }

    #[test]
    fn damage_in_the_middle_stops_the_start() {
        let mut bytes = (line(&customer("cus_1")).unwrap() + &line(&customer("cus_2")).unwrap()).into_bytes();
        bytes[30] ^= 1;
        assert!(matches!(replay(&bytes), Err(JournalError::Damaged { line: 1 })));
    }

    #[test]
    fn state_survives_compaction_and_the_folder_is_locked() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), true, 0).unwrap();
        journal.append(&customer("cus_1"), true).unwrap();
        assert!(matches!(Journal::open(folder.path(), true, 0), Err(JournalError::Locked)));
        drop(journal);
        for _ in 0..2 {
            let (_, state) = Journal::open(folder.path(), true, 0).unwrap();
            assert_eq!((state.ids("customer"), state.serial), (["cus_1".to_owned()].as_slice(), 7));
        }
    }
}
