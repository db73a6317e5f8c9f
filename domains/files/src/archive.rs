//! A folder as one ZIP archive, made while it is read: nothing is kept but the list that an archive ends with.

use crate::{File, NotReadable, Readable, file::query, readable};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_versions, files},
};
use diesel::prelude::*;
use kernel::ids::BucketId;
use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError},
};
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

/// From this size on, an entry needs ZIP64.
const LARGE: u64 = u32::MAX as u64;

/// A file whose turn it is, and the right to read it or why there is none.
pub type Turn = (File, Result<Readable, NotReadable>);

/// The next file of a folder after a path. A folder ends with a slash; an empty
/// one is the whole bucket.
pub fn next_in_folder(
    tx: &mut TenantTx<'_>,
    (bucket, folder): (BucketId, &str),
    after: Option<&str>,
) -> Result<Option<Turn>, DbError> {
    let mut rows = query!(tx)
        .filter(files::deleted_at.is_null())
        .filter(files::bucket_id.eq(bucket))
        .filter(files::path.gt(after.unwrap_or(folder)))
        .order(files::path)
        .limit(1)
        .into_boxed();
    if !folder.is_empty() {
        rows = rows.filter(files::path.lt(format!("{folder}{}", char::MAX)));
    }
    let Some(file) = rows.first::<File>(tx.conn()).optional()? else { return Ok(None) };
    let right = readable(tx, &file)?;
    Ok(Some((file, right)))
}

/// Bytes that are written and not sent yet.
#[derive(Debug, Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn take(&self) -> Bytes {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A ZIP archive that is written piece by piece. Entries are stored as they are; their sums follow them. For each, about 250
/// bytes and its name twice are kept for the archive's end.
pub struct Archive {
    zip: ZipWriter<StreamWriter<Pipe>>,
    written: Pipe,
}

impl Default for Archive {
    fn default() -> Self {
        let written = Pipe::default();
        Self { zip: ZipWriter::new_stream(written.clone()), written }
    }
}

impl Archive {
    /// Ends the entry before, and begins one of this size.
    pub fn begin(&mut self, name: &str, size: u64, changed: DateTime<Utc>) -> io::Result<()> {
        // A time without a zone, from 1980 on.
        let time = changed.naive_utc().try_into().unwrap_or_default();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(time)
            .large_file(size >= LARGE);
        Ok(self.zip.start_file(name, options)?)
    }

    /// Adds to the entry.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)
    }

    /// What is ready to be sent.
    pub fn take(&self) -> Bytes {
        self.written.take()
    }

    /// Ends the archive: the last bytes.
    pub fn finish(self) -> io::Result<Bytes> {
        self.zip.finish()?;
        Ok(self.written.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    #[test]
    fn small_and_large_entries_come_out_as_they_went_in() {
        let (mut archive, mut bytes) = (Archive::default(), Vec::new());
        let changed = "2026-11-02T02:00:00Z".parse().unwrap();
        // The second is called large, which makes its sums longer.
        for (name, size, content) in [("合同/一.txt", 3, "tea"), ("large", LARGE, "huge"), ("empty", 0, "")] {
            archive.begin(name, size, changed).unwrap();
            archive.write(content.as_bytes()).unwrap();
            bytes.extend(archive.take());
        }
        assert!(archive.take().is_empty());
        bytes.extend(archive.finish().unwrap());
        let mut read = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(read.len(), 3);
        for (name, content) in [("合同/一.txt", "tea"), ("large", "huge"), ("empty", "")] {
            let (mut entry, mut text) = (read.by_name(name).unwrap(), String::new());
            entry.read_to_string(&mut text).unwrap();
            assert_eq!((text.as_str(), entry.compression()), (content, CompressionMethod::Stored));
            assert_eq!(entry.last_modified().unwrap().to_string(), "2026-11-02 02:00:00");
        }
    }

    #[test]
    fn a_time_that_no_archive_can_tell_is_no_obstacle() {
        let mut archive = Archive::default();
        archive.begin("old", 0, DateTime::UNIX_EPOCH).unwrap();
        assert!(!archive.finish().unwrap().is_empty());
    }
}
