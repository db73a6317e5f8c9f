//! JSON in canonical form (RFC 8785) for hashing: sorted keys, no white space, integers only.
//!
//! RFC 8785 sorts keys by UTF-16 code units; our keys are ASCII, for which that is the order of a `BTreeMap`.
//! Its string escapes are those of `serde_json`. Floats never enter a hash here, so their form is not needed.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The canonical text of a value.
pub fn text<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    // Through `Value`, whose objects are sorted maps.
    serde_json::to_string(&serde_json::to_value(value)?)
}

/// SHA-256 of the canonical text.
pub fn digest<T: Serialize>(value: &T) -> Result<[u8; 32], serde_json::Error> {
    Ok(Sha256::digest(text(value)?.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = serde_json::json!({"b": 1, "a": {"d": "\u{7}茶", "c": [2, 1]}});
        assert_eq!(super::text(&value).unwrap(), "{\"a\":{\"c\":[2,1],\"d\":\"\\u0007茶\"},\"b\":1}");
    }
}
