//! What a reader wants of a file: all, a part, or nothing if it is still the same.

use crate::edge::tags::names;
use actix_web::http::header::{self, HeaderMap};
use files::{ByteRange, File};

/// What to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Whole,
    Part(ByteRange),
    /// The reader has it already.
    Nothing,
    /// A part that begins after the end.
    Unsatisfiable,
}

impl Wanted {
    /// From `If-None-Match`, `Range` and `If-Range`, in the order of RFC 9110.
    pub(crate) fn of(headers: &HeaderMap, file: &File) -> Self {
        let etag = file.etag();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if text(header::IF_NONE_MATCH).is_some_and(|tags| names(tags, &etag)) {
            return Self::Nothing;
        }
        let Some(range) = text(header::RANGE) else { return Self::Whole };
        // A part of another content than the reader has would not fit to what it has.
        if headers.contains_key(header::IF_RANGE) && text(header::IF_RANGE) != Some(&etag) {
            return Self::Whole;
        }
        match ByteRange::parse(range, file.size_bytes.unsigned_abs()) {
            Ok(None) => Self::Whole,
            Ok(Some(range)) => Self::Part(range),
            Err(_) => Self::Unsatisfiable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use kernel::ids::{BlobId, BucketId, FileId, FileVersionId, Id};

    fn file(size_bytes: i64) -> File {
        let now = chrono::DateTime::UNIX_EPOCH;
        File {
            id: FileId::new(now),
            bucket_id: BucketId::new(now),
            bucket: "docs".into(),
            path: "a".into(),
            version_id: FileVersionId::new(now),
            blob_id: BlobId::new(now),
            size_bytes,
            content_type: "text/plain".into(),
            sha256: vec![0xab; 2],
            created_at: now,
            updated_at: now,
            tags: Vec::new(),
            metadata: serde_json::json!({}),
            revision: 1,
            scan: None,
        }
    }

    fn wanted(headers: &[(HeaderName, &str)]) -> Wanted {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        Wanted::of(&headers.collect(), &file(10))
    }

    #[test]
    fn what_the_reader_has_is_not_sent_again() {
        for (tags, expected) in [
            ("\"abab\"", Wanted::Nothing),
            ("W/\"abab\"", Wanted::Nothing),
            ("\"x\", \"abab\"", Wanted::Nothing),
            ("*", Wanted::Nothing),
            ("\"x\"", Wanted::Whole),
        ] {
            assert_eq!(wanted(&[(header::IF_NONE_MATCH, tags)]), expected, "{tags}");
        }
    }

    #[test]
    fn a_part_is_sent_only_of_the_content_the_reader_knows() {
        let part = Wanted::Part(ByteRange { first: 2, last: 4 });
        assert_eq!(wanted(&[(header::RANGE, "bytes=2-4")]), part);
        assert_eq!(wanted(&[(header::RANGE, "bytes=2-4"), (header::IF_RANGE, "\"abab\"")]), part);
        assert_eq!(wanted(&[(header::RANGE, "bytes=2-4"), (header::IF_RANGE, "\"old\"")]), Wanted::Whole);
        assert_eq!(wanted(&[(header::RANGE, "bytes=10-")]), Wanted::Unsatisfiable);
        assert_eq!(wanted(&[(header::RANGE, "bytes=10-"), (header::IF_NONE_MATCH, "*")]), Wanted::Nothing);
    }
}
