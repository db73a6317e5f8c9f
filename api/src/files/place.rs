//! The bucket and path in an address.

use crate::problem::{Problem, edge};
use actix_web::HttpRequest;
use files::{BucketName, FilePath, PathError};
use percent_encoding::percent_decode_str;

/// How many parts of an address come before a file's path: `/v1/buckets/{name}/files/`.
const PARTS_BEFORE: usize = 5;

/// A place in a bucket where a file may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) bucket: String,
    pub(crate) path: FilePath,
}

/// What an address names instead of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// No bucket has such a name.
    Bucket,
    /// No file has such a path: not UTF-8, or refused by the rules of paths.
    Path(Option<PathError>),
}

impl Place {
    /// Reads the address as it was sent: the router's own idea of it is partly decoded already, and a name is decoded once.
    pub(super) fn of(address: &str) -> Result<Self, NoPlace> {
        let mut parts = address.splitn(PARTS_BEFORE + 1, '/').skip(PARTS_BEFORE - 2);
        Self::named(parts.next(), parts.nth(1))
    }

    /// The same from the parts of an address.
    pub(crate) fn named(bucket: Option<&str>, path: Option<&str>) -> Result<Self, NoPlace> {
        let bucket = bucket.and_then(decoded).and_then(|name| name.parse::<BucketName>().ok());
        let bucket = bucket.ok_or(NoPlace::Bucket)?;
        let path = path.and_then(decoded).ok_or(NoPlace::Path(None))?;
        let path: FilePath = path.parse().map_err(|error| NoPlace::Path(Some(error)))?;
        // Encoded twice, it would be a way out for whoever decodes once too often.
        match decoded(path.as_str()).map(|twice| twice.parse::<FilePath>()) {
            Some(Err(error @ (PathError::Segment | PathError::Character))) => Err(NoPlace::Path(Some(error))),
            _ => Ok(Self { bucket: bucket.into(), path }),
        }
    }
}

/// The bucket's name in `{name}`; what is not a name is not found.
pub(super) fn bucket(request: &HttpRequest) -> Result<String, Problem> {
    let name = request.match_info().get("name").and_then(|text| text.parse::<BucketName>().ok());
    name.map(String::from).ok_or_else(|| edge::NOT_FOUND.into())
}

/// The place in a request's address; one that cannot be is not found.
pub(super) fn found(request: &HttpRequest) -> Result<Place, Problem> {
    Place::of(request.uri().path()).map_err(|_| edge::NOT_FOUND.into())
}

fn decoded(part: &str) -> Option<String> {
    percent_decode_str(part).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(rest: &str) -> Result<String, NoPlace> {
        Place::of(&format!("/v1/buckets/docs/files/{rest}")).map(|place| place.path.as_str().to_owned())
    }

    #[test]
    fn names_are_decoded_exactly_once() {
        for (sent, meant) in [
            ("a/b.txt", "a/b.txt"),
            ("a%2Fb.txt", "a/b.txt"),
            ("%E5%90%88%E5%90%8C/1%20+.pdf", "合同/1 +.pdf"),
            ("a%252Fb", "a%2Fb"),
            ("100%25", "100%"),
            ("100%", "100%"),
        ] {
            assert_eq!(path(sent).as_deref(), Ok(meant), "{sent}");
        }
    }

    #[test]
    fn tricks_name_no_place() {
        for sent in [
            "",
            "..",
            "../x",
            "%2e%2e",
            "a/%2E%2e/b",
            "%2Fetc",
            "a%00b",
            "a%0Ab",
            "%ff",
            "%c3%28",
            "a//b",
            "%5c",
            "%252e%252e",
            "a/%252e",
            "%2500",
        ] {
            assert!(matches!(path(sent), Err(NoPlace::Path(_))), "{sent}");
        }
        for bucket in ["..", "%2e%2e", "A", "a%00b", "%ff", ""] {
            assert_eq!(Place::of(&format!("/v1/buckets/{bucket}/files/a")), Err(NoPlace::Bucket), "{bucket}");
        }
        assert_eq!(Place::of("/v1/buckets/docs/files"), Err(NoPlace::Path(None)));
    }
}
