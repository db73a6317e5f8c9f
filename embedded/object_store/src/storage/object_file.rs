//! The file of one object (or part): the data, then the head as JSON, then a fixed trailer that finds and checks it.
//!
//! `data | head (JSON) | length of head: u32 | CRC-32 of head: u32 | magic: 8 bytes`, numbers little-endian. The head
//! comes last since size and digests are known only when the data has passed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use s3s::crypto::Crc32;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const MAGIC: &[u8; 8] = b"SMEOBJ01";
const TRAILER: u64 = 16;
/// Keys and metadata are bounded by the HTTP header limits; a longer head is damage.
const MAX_HEAD: u32 = 1 << 20;

/// What a client sends along with the data and gets back with it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Attributes {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// Everything known of one stored object.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Head {
    pub(crate) key: String,
    /// Time-ordered (UUID version 7): of two files of one key, the greater is the later.
    pub(crate) version: Uuid,
    /// Bytes of data.
    pub(crate) size: u64,
    /// Without quotes: the MD5 of the data, or `md5-of-md5s-N` after a multipart upload.
    pub(crate) etag: String,
    /// Of the data, in hex.
    pub(crate) sha256: String,
    /// Milliseconds since 1970.
    pub(crate) modified: u64,
    pub(crate) attributes: Attributes,
    /// The multipart upload this object came from, so that a repeated completion can be recognised.
    pub(crate) upload: Option<String>,
}

/// Encodes the head with its trailer.
pub(crate) fn encode(head: &Head) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(head)?;
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_HEAD);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "object head too long"))?;
    let crc = Crc32::checksum_u32(&bytes);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes.extend_from_slice(MAGIC);
    Ok(bytes)
}

/// Opens a file and reads its head; the data is the first `head.size` bytes of the file.
///
/// # Errors
/// `InvalidData` if the file is not a whole object file, else what the disk says.
pub(crate) fn open(path: &Path) -> io::Result<(File, Head)> {
    let file = File::open(path)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "not a whole object file");
    let length = file.metadata()?.len();
    let end = length.checked_sub(TRAILER).ok_or_else(damaged)?;
    let mut trailer = [0; 16];
    file.read_exact_at(&mut trailer, end)?;
    let [l0, l1, l2, l3, c0, c1, c2, c3, magic @ ..] = trailer;
    let head_length = u32::from_le_bytes([l0, l1, l2, l3]);
    let crc = u32::from_le_bytes([c0, c1, c2, c3]);
    if &magic != MAGIC || head_length > MAX_HEAD {
        return Err(damaged());
    }
    let size = end.checked_sub(u64::from(head_length)).ok_or_else(damaged)?;
    let mut bytes = vec![0; usize::try_from(head_length).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, size)?;
    if Crc32::checksum_u32(&bytes) != crc {
        return Err(damaged());
    }
    let head: Head = serde_json::from_slice(&bytes)?;
    if head.size != size {
        return Err(damaged());
    }
    Ok((file, head))
}
