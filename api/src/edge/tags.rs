//! Entity tags: `"<digest of the content>"`, and `"<version>-<digest>"` for objects with a version, of which `If-Match` compares
//! the version alone.

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Bytes of the digest that are told.
const DIGEST_BYTES: usize = 12;

/// What is read of a body for its tag.
#[derive(Deserialize)]
struct Object {
    version: Option<i64>,
}

/// The `ETag` of an object whose version is known; [`put`] adds the digest.
pub(crate) fn of_version(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version in a tag that a caller sends back.
pub(crate) fn version(tag: &str) -> Option<i64> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let bare = tag.strip_prefix('"')?.strip_suffix('"')?;
    bare.split_once('-').map_or(bare, |(version, _)| version).parse().ok()
}

/// Whether a list of tags names this one, by weak comparison.
pub(crate) fn names(list: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let tag = bare(tag);
    list.split(',').map(str::trim).any(|named| named == "*" || bare(named) == tag)
}

/// Puts the tag of a JSON body. What is no answer to reading gets one only if it is an object with a version.
pub(super) fn put(headers: &mut HeaderMap, body: &[u8], reads: bool) {
    let given = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let version = match given {
        Some(tag) => match plain_version(tag) {
            Some(version) => Some(version),
            // A file's tag, say, which is the digest of its content.
            None => return,
        },
        None if reads => None,
        None => serde_json::from_slice::<Object>(body).ok().and_then(|object| object.version),
    };
    let digest = hex::encode(Sha256::digest(body).iter().take(DIGEST_BYTES).copied().collect::<Vec<u8>>());
    let tag = match version {
        Some(version) => format!("\"{version}-{digest}\""),
        None if reads => format!("\"{digest}\""),
        None => return,
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
}

fn plain_version(tag: &str) -> Option<i64> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    (digits.len() < 20 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// Whether the reader says that it has what the answer would tell.
pub(super) fn reader_has(request: &HeaderMap, answer: &HeaderMap) -> bool {
    let text = |headers: &HeaderMap, name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match (text(request, header::IF_NONE_MATCH), text(answer, header::ETAG)) {
        (Some(list), Some(tag)) => names(&list, &tag),
        _ => false,
    }
}

/// Makes the tag a weak one.
pub(super) fn weaken(headers: &mut HeaderMap) {
    let weak = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).filter(|tag| !tag.starts_with("W/"));
    if let Some(weak) = weak.and_then(|tag| HeaderValue::from_str(&format!("W/{tag}")).ok()) {
        headers.insert(header::ETAG, weak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag_of(given: Option<&str>, body: &str, reads: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some(given) = given {
            headers.insert(header::ETAG, HeaderValue::from_str(given).unwrap());
        }
        put(&mut headers, body.as_bytes(), reads);
        headers.get(header::ETAG).map(|tag| tag.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_tag_follows_the_content_and_keeps_the_version() {
        let first = tag_of(Some("\"7\""), "{\"stock\":1}", true).unwrap();
        let second = tag_of(Some("\"7\""), "{\"stock\":2}", true).unwrap();
        assert_ne!(first, second);
        assert_eq!((version(&first), version(&second)), (Some(7), Some(7)));
        assert_eq!(version(&format!("W/{first}")), Some(7));
        assert_eq!(version("\"7\""), Some(7));
        for foreign in ["7", "\"\"", "\"x\"", "W/7", &tag_of(None, "{}", true).unwrap()] {
            assert!(version(foreign).is_none_or(|version| !(0..=1_000_000).contains(&version)), "{foreign}");
        }
    }

    #[test]
    fn only_reading_and_versioned_objects_are_tagged() {
        assert!(tag_of(None, "{\"data\":[]}", true).is_some());
        assert_eq!(tag_of(None, "{\"access_token\":\"x\"}", false), None);
        assert_eq!(version(&tag_of(None, "{\"version\":3}", false).unwrap()), Some(3));
        assert_eq!(tag_of(Some("\"abab\""), "{}", true).as_deref(), Some("\"abab\""));
    }

    #[test]
    fn lists_of_tags_are_compared_weakly() {
        for (list, expected) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)]
        {
            assert_eq!(names(list, "\"a\""), expected, "{list}");
        }
    }
}
