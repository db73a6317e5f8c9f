//! Bytes for files, and what they are told by.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// Bytes that repeat late and compress badly.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    })
    .take(length)
    .collect()
}

/// Their SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What a resumable upload says of itself.
pub fn tus_metadata(bucket: &str, name: &str) -> String {
    format!("bucket {},filename {}", STANDARD.encode(bucket), STANDARD.encode(name))
}
