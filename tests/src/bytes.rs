//! Bytes for files, and what they are told by.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The SHA-256 of bytes in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What a resumable upload says of itself.
pub fn tus_metadata(bucket: &str, name: &str) -> String {
    format!("bucket {},filename {}", STANDARD.encode(bucket), STANDARD.encode(name))
}
