//! The append-only journal of a bucket: one checksummed line a record, fsync'ed in groups.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use s3s::crypto::Crc32;
use serde::{Deserialize, Serialize};

use super::disk::Disk;
use super::error::StorageError;
use super::index::{Entry, Index};
use super::lock;

/// A running journal shorter than this is left alone, in bytes.
const OVERGROWN: u64 = 16 * 1024 * 1024;

/// One line.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    /// First line: when the bucket was made, in milliseconds since 1970.
    Created(u64),
    /// The key now stands for this version.
    Put { key: String, entry: Entry },
    /// The key is gone.
    Delete { key: String },
}

impl Record {
    fn line(&self) -> serde_json::Result<Vec<u8>> {
        let json = serde_json::to_string(self)?;
        Ok(format!("{:08x} {json}\n", Crc32::checksum_u32(json.as_bytes())).into_bytes())
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let line = str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
        let (crc, json) = line.split_once(' ')?;
        let crc = u32::from_str_radix(crc, 16).ok()?;
        if crc != Crc32::checksum_u32(json.as_bytes()) {
            return None;
        }
        serde_json::from_str(json).ok()
    }
}

/// What a journal file said.
pub(crate) struct Loaded {
    pub(crate) created: Option<u64>,
    pub(crate) index: Index,
    /// A line that does not check out was followed by good ones: not a torn tail but damage.
    pub(crate) damaged: bool,
    /// The file holds more than the shortest journal of this index would.
    pub(crate) compactable: bool,
}

/// Reads a journal. The last line may be torn by a kill in mid-write; it was never acknowledged and is ignored.
pub(crate) fn load(path: &Path) -> io::Result<Loaded> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut loaded = Loaded { created: None, index: Index::default(), damaged: false, compactable: false };
    let (mut lines, mut bad) = (0_usize, 0_usize);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        lines += 1;
        let record = Record::parse(&line);
        loaded.damaged |= bad > 0 && record.is_some();
        match record {
            Some(Record::Created(at)) => loaded.created = Some(at),
            Some(Record::Put { key, entry }) => drop(loaded.index.insert(key, entry)),
            Some(Record::Delete { key }) => drop(loaded.index.remove(&key)),
            None => bad += 1,
        }
        line.clear();
    }
    loaded.damaged |= loaded.created.is_none();
    loaded.compactable = bad > 0 || lines != loaded.index.len() + 1;
    Ok(loaded)
}

/// Writes the shortest journal of an index in place of whatever stands there.
pub(crate) fn rewrite(path: &Path, created: u64, index: &Index, disk: Disk) -> io::Result<()> {
    let mut lines = Record::Created(created).line()?;
    for (key, entry) in index.iter() {
        lines.extend(Record::Put { key: key.clone(), entry: entry.clone() }.line()?);
    }
    disk.write_whole(path, &lines)
}

/// The open journal of a running bucket.
pub(crate) struct Journal {
    tail: Mutex<Tail>,
    queue: Mutex<Queue>,
    written: Condvar,
    disk: Disk,
}

struct Tail {
    file: File,
    /// Bytes known to be durable.
    length: u64,
    /// Bytes when the journal was last as short as can be.
    shortest: u64,
    /// Set when it is unknown what the disk holds; only a restart can tell.
    broken: bool,
}

impl Tail {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().write(true).open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length, shortest: length, broken: false })
    }
}

#[derive(Default)]
struct Queue {
    lines: Vec<u8>,
    /// Filled with success or failure when `lines` has been written.
    outcome: Arc<OnceLock<bool>>,
    writing: bool,
}

impl Journal {
    /// Opens an existing journal for appending.
    pub(crate) fn open(path: &Path, disk: Disk) -> io::Result<Self> {
        let tail = Mutex::new(Tail::open(path)?);
        Ok(Self { tail, queue: Mutex::default(), written: Condvar::new(), disk })
    }

    /// Whether most of the journal tells of objects long overwritten or deleted.
    pub(crate) fn overgrown(&self) -> bool {
        let tail = lock(&self.tail);
        !tail.broken && tail.length > OVERGROWN.max(tail.shortest.saturating_mul(4))
    }

    /// Replaces the journal by the shortest one of `index`. The caller lets no record be appended meanwhile.
    pub(crate) fn compact(&self, path: &Path, created: u64, index: &Index) -> io::Result<()> {
        let mut tail = lock(&self.tail);
        // Should this fail half way, it is unknown which of the two files has the name.
        tail.broken = true;
        rewrite(path, created, index, self.disk)?;
        *tail = Tail::open(path)?;
        Ok(())
    }

    /// Appends a record and returns once it is durable.
    ///
    /// Whoever finds nobody writing takes all queued lines and writes them with one fsync; the others wait for it.
    ///
    /// # Errors
    /// `JournalClosed` if the line could not be made durable.
    pub(crate) fn append(&self, record: &Record) -> Result<(), StorageError> {
        let line = record.line()?;
        let mut queue = lock(&self.queue);
        queue.lines.extend_from_slice(&line);
        let outcome = Arc::clone(&queue.outcome);
        loop {
            if let Some(written) = outcome.get() {
                return if *written { Ok(()) } else { Err(StorageError::JournalClosed) };
            }
            if queue.writing {
                queue = self.written.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let batch = std::mem::replace(&mut *queue, Queue { writing: true, ..Queue::default() });
            drop(queue);
            let written = self.write(&batch.lines);
            if let Err(error) = &written {
                tracing::error!(%error, "journal not written");
            }
            let _ = batch.outcome.set(written.is_ok());
            queue = lock(&self.queue);
            queue.writing = false;
            self.written.notify_all();
        }
    }

    fn write(&self, lines: &[u8]) -> io::Result<()> {
        let mut tail = lock(&self.tail);
        if tail.broken {
            return Err(io::Error::other("an earlier write failed"));
        }
        let length = tail.length;
        tail.file.seek(SeekFrom::Start(length))?;
        if let Err(error) = tail.file.write_all(lines) {
            // A full disk: take the half line back, so that later records (deletions above all) can follow.
            tail.broken = tail.file.set_len(length).is_err();
            return Err(error);
        }
        if let Err(error) = self.disk.sync_file(&tail.file) {
            tail.broken = true;
            return Err(error);
        }
        tail.length = length.saturating_add(lines.len() as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn put(key: String) -> Record {
        Record::Put { key, entry: Entry { version: Uuid::nil(), size: 1, etag: String::new(), modified: 0 } }
    }

    #[test]
    fn records_of_many_threads_all_arrive_and_outlive_compaction() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let disk = Disk::new(true);
        rewrite(&path, 7, &Index::default(), disk).unwrap();
        let journal = Journal::open(&path, disk).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..16 {
                let journal = &journal;
                scope.spawn(move || {
                    for n in 0..50 {
                        journal.append(&put(format!("{thread}/{}", n % 25))).unwrap();
                    }
                });
            }
        });
        let loaded = load(&path).unwrap();
        assert_eq!((loaded.index.len(), loaded.created), (16 * 25, Some(7)));
        assert!(loaded.compactable && !loaded.damaged);

        journal.compact(&path, 7, &loaded.index).unwrap();
        journal.append(&put("later".to_owned())).unwrap();
        journal.append(&Record::Delete { key: "later".to_owned() }).unwrap();
        let again = load(&path).unwrap();
        assert_eq!(again.index.len(), 16 * 25);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1 + 16 * 25 + 2);
    }
}
