//! The headers of tus.

use super::problems::{TUS_HEADER, VERSION_NOT_SUPPORTED};
use crate::problem::Problem;
use actix_web::{
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use files::Checksum;
use std::str::FromStr;

/// The version that is spoken.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-defer-length,creation-with-upload,expiration,checksum,termination");
const ALGORITHMS: HeaderValue = HeaderValue::from_static("sha1,sha256");
/// Bytes of the largest file on any plan.
const MAX_SIZE: HeaderValue = HeaderValue::from_static("5368709120");
/// The media type of a piece.
pub(super) const PIECE: &str = "application/offset+octet-stream";

pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
pub(super) const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");

/// Whether an address is one of tus.
fn is_tus(path: &str) -> bool {
    path == "/v1/tus" || path.starts_with("/v1/tus/")
}

/// The method that is meant, for senders that can send POST only. Nowhere else does the header mean anything.
pub(crate) fn override_method(request: &mut ServiceRequest) {
    if request.method() != Method::POST || !request.path().starts_with("/v1/tus/") {
        return;
    }
    let meant = request.headers().get("x-http-method-override").and_then(|value| value.to_str().ok());
    let method = match meant {
        Some("PATCH") => Method::PATCH,
        Some("DELETE") => Method::DELETE,
        Some("HEAD") => Method::HEAD,
        _ => return,
    };
    request.head_mut().method = method;
}

/// What every answer of tus has, refusals too; and what `OPTIONS` asks for.
pub(crate) fn mark<B>(response: &mut ServiceResponse<B>) {
    if !is_tus(response.request().path()) {
        return;
    }
    let asks = response.request().method() == Method::OPTIONS;
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, VERSION);
    if asks {
        headers.insert(TUS_VERSION, VERSION);
        headers.insert(HeaderName::from_static("tus-extension"), EXTENSIONS);
        headers.insert(HeaderName::from_static("tus-max-size"), MAX_SIZE);
        headers.insert(HeaderName::from_static("tus-checksum-algorithm"), ALGORITHMS);
    }
}

/// Refuses every version but ours.
pub(super) fn demand_version(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(RESUMABLE) == Some(&VERSION) {
        return Ok(());
    }
    Err(Problem::new(VERSION_NOT_SUPPORTED).header(TUS_VERSION, VERSION))
}

/// A header that cannot be read.
pub(super) fn invalid(name: &HeaderName) -> Problem {
    TUS_HEADER.with("header", name.as_str())
}

/// A header's number, which is not negative.
pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<i64>, Problem> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = digits.and_then(|digits| i64::from_str(digits).ok());
    match number {
        Some(number) if values.next().is_none() => Ok(Some(number)),
        _ => Err(invalid(name)),
    }
}

/// `Upload-Checksum`: an algorithm, a space, and the checksum in Base64.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(value) = headers.get(CHECKSUM) else { return Ok(None) };
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    let parts = parts.and_then(|(algorithm, sum)| Some((algorithm, STANDARD.decode(sum).ok()?)));
    match parts {
        Some(("sha1", sum)) => Ok(Some(Checksum::Sha1(sum))),
        Some(("sha256", sum)) => Ok(Some(Checksum::Sha256(sum))),
        _ => Err(invalid(&CHECKSUM)),
    }
}

/// `Upload-Expires` as RFC 9110 writes a date.
pub(super) fn expires(at: DateTime<Utc>) -> (HeaderName, HeaderValue) {
    let date = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    (EXPIRES, HeaderValue::from_str(&date).unwrap_or(HeaderValue::from_static("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn numbers_have_digits_only() {
        for (text, expected) in [("0", Some(0)), ("9223372036854775807", Some(i64::MAX))] {
            assert_eq!(number(&headers(OFFSET, text), &OFFSET).unwrap(), expected);
        }
        for text in ["", "-1", "+1", "1.0", " 1", "0x1", "9223372036854775808"] {
            assert!(number(&headers(OFFSET, text), &OFFSET).is_err(), "{text}");
        }
        assert_eq!(number(&HeaderMap::new(), &OFFSET).unwrap(), None);
    }

    #[test]
    fn checksums_are_of_known_algorithms() {
        let known = checksum(&headers(CHECKSUM, "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")).unwrap();
        assert_eq!(known, Some(Checksum::Sha1(hex::decode("2aae6c35c94fcfb415dbe95f408b9ce91ee846ed").unwrap())));
        for text in ["md5 Kq5sNclPz7QV2+lfQIuc6Q==", "sha1", "sha1 !", "sha1  Kq5s"] {
            assert!(checksum(&headers(CHECKSUM, text)).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_are_those_of_http() {
        let (_, value) = expires("2026-11-03T02:00:00Z".parse().unwrap());
        assert_eq!(value, "Tue, 03 Nov 2026 02:00:00 GMT");
    }
}
