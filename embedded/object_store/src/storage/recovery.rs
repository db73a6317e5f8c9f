//! Opening a bucket: load its journal (or rebuild it from the object files), sweep what no commit acknowledged.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bucket::{Bucket, Recovered, object_path};
use super::disk::{self, Disk};
use super::hold::Holds;
use super::index::{Entry, Index};
use super::journal::{self, Journal};
use super::object_file;
use super::upload::{self, Upload};
use super::{now_ms, to_ms};

/// Makes the directories and the empty journal of a new bucket.
pub(super) fn lay_out(dir: &Path, disk: Disk) -> io::Result<()> {
    disk::ensure_dir(dir)?;
    for name in ["objects", "tmp", "uploads"] {
        disk::ensure_dir(&dir.join(name))?;
    }
    for fan in 0..=u8::MAX {
        disk::ensure_dir(&dir.join("objects").join(hex::encode([fan])))?;
    }
    disk.sync_dir(&dir.join("objects"))?;
    journal::rewrite(&journal_path(dir), now_ms(), &Index::default(), disk)
}

/// Opens a bucket's directory.
pub(super) fn open(dir: &Path, disk: Disk, holds: Arc<Holds>) -> io::Result<Bucket> {
    disk::empty_dir(&dir.join("tmp"))?;
    let (created, index) = load_index(dir, disk)?;
    sweep(dir, &index)?;
    let uploads = load_uploads(dir)?;
    let journal = Journal::open(&journal_path(dir), disk)?;
    Ok(Bucket::new(dir, disk, holds, Recovered { created, index, journal, uploads }))
}

/// Where a bucket's journal lies.
pub(super) fn journal_path(dir: &Path) -> PathBuf {
    dir.join("journal")
}

/// Loads the index from the journal and leaves the shortest journal of it behind. A journal that is lost, or damaged
/// other than at its very end, is made anew from the object files.
fn load_index(dir: &Path, disk: Disk) -> io::Result<(u64, Index)> {
    let path = journal_path(dir);
    match journal::load(&path) {
        Ok(loaded) if !loaded.damaged => {
            let created = loaded.created.unwrap_or_default();
            if loaded.compactable {
                journal::rewrite(&path, created, &loaded.index, disk)?;
            }
            return Ok((created, loaded.index));
        }
        Ok(_) => {
            tracing::error!(bucket = %dir.display(), "journal damaged, rebuilding from the object files");
            fs::rename(&path, dir.join("journal.damaged"))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            tracing::error!(bucket = %dir.display(), "journal lost, rebuilding from the object files");
        }
        Err(error) => return Err(error),
    }
    let created = fs::metadata(dir)?.modified().map(to_ms)?;
    let index = scan(dir)?;
    journal::rewrite(&path, created, &index, disk)?;
    Ok((created, index))
}

/// Reads the head of every object file; of several versions of a key the latest stands.
fn scan(dir: &Path) -> io::Result<Index> {
    let mut index = Index::default();
    for path in object_files(dir)? {
        let head = match object_file::open(&path) {
            Ok((_, head)) => head,
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => {
                tracing::error!(path = %path.display(), "not a whole object file");
                continue;
            }
            Err(error) => return Err(error),
        };
        if index.get(&head.key).is_none_or(|known| known.version < head.version) {
            let entry = Entry { version: head.version, size: head.size, etag: head.etag, modified: head.modified };
            index.insert(head.key, entry);
        }
    }
    Ok(index)
}

/// Removes object files no key stands for, and reports keys whose file is missing (they answer 500, never 404).
fn sweep(dir: &Path, index: &Index) -> io::Result<()> {
    let mut expected: HashSet<PathBuf> =
        index.iter().map(|(key, entry)| object_path(dir, key, entry.version)).collect();
    for path in object_files(dir)? {
        if !expected.remove(&path) {
            fs::remove_file(path)?;
        }
    }
    for path in expected {
        tracing::error!(path = %path.display(), "object file missing");
    }
    Ok(())
}

fn object_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for fan in fs::read_dir(dir.join("objects"))? {
        for file in fs::read_dir(fan?.path())? {
            files.push(file?.path());
        }
    }
    Ok(files)
}

/// Loads unfinished uploads and gives up those nobody finished in time.
fn load_uploads(dir: &Path) -> io::Result<HashMap<String, Arc<Upload>>> {
    let mut uploads = HashMap::new();
    for item in fs::read_dir(dir.join("uploads"))? {
        let path = item?.path();
        match upload::load(&path) {
            Ok(upload) if !upload.expired() => drop(uploads.insert(upload.id.clone(), Arc::new(upload))),
            Ok(_) => disk::discard_dir(&path, &dir.join("tmp"))?,
            Err(error) => tracing::error!(path = %path.display(), %error, "upload not readable"),
        }
    }
    Ok(uploads)
}
