//! The bytes of a file on their way to a reader, in constant memory.

use crate::{
    File, FileError, ObjectStore, ObjectStoreError, Readable, file::find, readable, traffic, verified::verified,
};
use audit::Audited;
use bytes::Bytes;
use db::TenantTx;
use futures_util::Stream;
use kernel::ids::FileId;
use serde_json::json;
use std::io;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

/// Bytes that wait between the store and a slow reader.
const BUFFER_BYTES: usize = 256 << 10;

/// A part of a file: from byte `first` to byte `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte, from 0.
    pub first: u64,
    /// Last byte.
    pub last: u64,
}

impl ByteRange {
    /// Reads a `Range` header (RFC 9110, one range of bytes) for content of `size` bytes. `Ok(None)`: to be ignored, the
    /// whole content is sent; `Err`: it cannot be satisfied.
    pub fn parse(header: &str, size: u64) -> Result<Option<Self>, Unsatisfiable> {
        let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
            return Ok(None);
        };
        let (first, last) = (first.trim(), last.trim());
        let number = |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        let range = match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Self { first, last: last.min(size.saturating_sub(1)) },
            (Some(first), None) if last.is_empty() => Self { first, last: size.saturating_sub(1) },
            (None, Some(suffix)) if first.is_empty() && suffix > 0 => {
                Self { first: size.saturating_sub(suffix), last: size.saturating_sub(1) }
            }
            (None, Some(_)) if first.is_empty() => return Err(Unsatisfiable),
            _ => return Ok(None),
        };
        if range.first < size { Ok(Some(range)) } else { Err(Unsatisfiable) }
    }

    /// How many bytes it has.
    pub const fn length(self) -> u64 {
        self.last - self.first + 1
    }
}

/// A range that begins after the content's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the range begins after the end")]
pub struct Unsatisfiable;

impl ObjectStore {
    /// Streams a file's bytes, all or a range. A failure in the middle, or other bytes than were stored, end the stream with an
    /// error, so that the reader sees fewer bytes than were announced. Of a range nobody can tell what it should be.
    pub fn stream(
        &self,
        readable: &Readable,
        range: Option<ByteRange>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let (store, key) = (self.clone(), readable.key().to_owned());
        let (reader, mut writer) = tokio::io::duplex(BUFFER_BYTES);
        let transfer = tokio::spawn(async move {
            store.get(&key, range, &mut writer).await?;
            writer.shutdown().await.map_err(|e| ObjectStoreError::Configuration(e.to_string()))
        });
        let bytes = ReaderStream::with_capacity(reader, 64 << 10);
        let bytes = futures_util::stream::unfold((bytes, Some(transfer)), |(mut bytes, transfer)| async move {
            if let Some(piece) = futures_util::StreamExt::next(&mut bytes).await {
                return Some((piece, (bytes, transfer)));
            }
            // The pipe ended; whether the object did, the transfer tells.
            let outcome = transfer?.await.map_err(io::Error::other).and_then(|r| r.map_err(io::Error::other));
            outcome.err().map(|error| (Err(error), (bytes, None)))
        });
        let sha256 = readable.sha256().filter(|_| range.is_none()).map(<[u8]>::to_vec);
        verified(bytes, sha256, readable.key().to_owned())
    }
}

/// A file that may be read at the object store for a while: counted as sent once, as the store does not tell who reads how much.
pub fn issue_download(tx: &mut TenantTx<'_>, id: FileId, seconds: u32) -> Result<(File, Readable), FileError> {
    let file = find(tx, id)?.ok_or(FileError::NotFound)?;
    let right = readable(tx, &file)??;
    let (id, reads) = (tx.new_id(), traffic::once(tx, &file.bucket, file.size_bytes));
    traffic::record(tx, id, &reads)?;
    tx.audit("file.download_issued", file.id, json!({ "version": file.version_id, "seconds": seconds }))?;
    Ok((file, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_by_the_letter_of_rfc_9110() {
        let range = |first, last| Ok(Some(ByteRange { first, last }));
        for (header, expected) in [
            ("bytes=0-0", range(0, 0)),
            ("bytes=2-", range(2, 9)),
            ("bytes=2-100", range(2, 9)),
            ("bytes=-3", range(7, 9)),
            ("bytes=-100", range(0, 9)),
            ("bytes=-0", Err(Unsatisfiable)),
            ("bytes=10-", Err(Unsatisfiable)),
            ("bytes=5-2", Ok(None)),
            ("bytes=a-b", Ok(None)),
            ("bytes=0-1,3-4", Ok(None)),
            ("items=0-1", Ok(None)),
        ] {
            assert_eq!(ByteRange::parse(header, 10), expected, "{header}");
        }
        assert_eq!(ByteRange::parse("bytes=0-", 0), Err(Unsatisfiable));
    }
}
