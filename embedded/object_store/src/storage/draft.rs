//! A file being written: it is hashed on the way and deleted again unless it is placed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::Checksum;
use sha2::Sha256;
use uuid::Uuid;

use super::disk::Disk;
use super::object_file::{self, Head};

/// Bytes moved at a time when data is copied from file to file.
const COPY_CHUNK: usize = 256 * 1024;

/// Data on its way to an object or part.
pub(crate) struct Draft {
    path: PathBuf,
    file: File,
    size: u64,
    md5: Md5,
    sha256: Sha256,
    checksums: ChecksumHasher,
    placed: bool,
}

/// What was learnt while the data passed.
pub(crate) struct Digests {
    pub(crate) size: u64,
    /// Hex.
    pub(crate) md5: String,
    /// Hex.
    pub(crate) sha256: String,
    /// Base64, for those algorithms that were asked for.
    pub(crate) checksums: Checksum,
}

impl Draft {
    /// Starts a file in `dir`, which must be on the file system of its later place. `wanted` names further checksums
    /// to compute: those whose field is set.
    pub(crate) fn create(dir: &Path, wanted: &Checksum) -> io::Result<Self> {
        let path = dir.join(Uuid::new_v4().simple().to_string());
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        let checksums = ChecksumHasher {
            crc32: wanted.checksum_crc32.as_ref().map(|_| s3s::crypto::Crc32::new()),
            crc32c: wanted.checksum_crc32c.as_ref().map(|_| s3s::crypto::Crc32c::new()),
            sha1: wanted.checksum_sha1.as_ref().map(|_| s3s::crypto::Sha1::new()),
            sha256: wanted.checksum_sha256.as_ref().map(|_| s3s::crypto::Sha256::new()),
            crc64nvme: wanted.checksum_crc64nvme.as_ref().map(|_| s3s::crypto::Crc64Nvme::new()),
        };
        Ok(Self { path, file, size: 0, md5: Md5::new(), sha256: Sha256::new(), checksums, placed: false })
    }

    /// Appends data.
    pub(crate) fn write(&mut self, data: &[u8]) -> io::Result<()> {
        self.file.write_all(data)?;
        self.md5.update(data);
        self.sha256.update(data);
        self.checksums.update(data);
        self.size = self.size.saturating_add(data.len() as u64);
        Ok(())
    }

    /// Appends bytes `from..to` of another file.
    pub(crate) fn copy(&mut self, source: &File, from: u64, to: u64) -> io::Result<()> {
        let mut buffer = vec![0; COPY_CHUNK];
        let mut at = from;
        while at < to {
            let wanted = usize::try_from(to - at).unwrap_or(COPY_CHUNK).min(COPY_CHUNK);
            let chunk = buffer.get_mut(..wanted).unwrap_or_default();
            source.read_exact_at(chunk, at)?;
            self.write(chunk)?;
            at = at.saturating_add(wanted as u64);
        }
        Ok(())
    }

    /// Ends the data and tells what it was.
    pub(crate) fn digests(&mut self) -> Digests {
        Digests {
            size: self.size,
            md5: hex::encode(self.md5.finalize_reset()),
            sha256: hex::encode(self.sha256.finalize_reset()),
            checksums: std::mem::take(&mut self.checksums).finalize(),
        }
    }

    /// Appends the head and makes the file durable under its temporary name.
    pub(crate) fn seal(&mut self, head: &Head, disk: Disk) -> io::Result<()> {
        self.file.write_all(&object_file::encode(head)?)?;
        disk.sync_file(&self.file)
    }

    /// Gives the sealed file its lasting name.
    pub(crate) fn place(mut self, to: &Path, disk: Disk) -> io::Result<()> {
        disk.place(&self.path, to)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.placed
            && let Err(error) = fs::remove_file(&self.path)
        {
            // Swept at the next start.
            tracing::warn!(%error, "temporary file not removed");
        }
    }
}
