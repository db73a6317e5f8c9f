//! Headers that go with a file's bytes.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use files::{File, FilePath, Thumbnail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Whatever the file holds, a browser that shows it may run nothing in the platform's name.
const POLICY: &str = "default-src 'none'; sandbox";
/// May be kept, and is asked for again each time.
const CACHING: &str = "private, no-cache";
/// Pictures that hold no program.
const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// What must be encoded in an extended parameter (RFC 8187).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The headers of a file's answer, whole or in part.
pub(super) fn of(file: &File) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let own =
        [(header::CONTENT_DISPOSITION, disposition(file)), (header::ACCEPT_RANGES, HeaderValue::from_static("bytes"))];
    shared(&file.content_type, &file.etag()).into_iter().chain(own)
}

/// The headers of a small picture's answer.
pub(super) fn of_thumbnail(thumbnail: &Thumbnail) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let own = [(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"))];
    shared(&thumbnail.content_type, &thumbnail.etag()).into_iter().chain(own)
}

fn shared(content_type: &str, etag: &str) -> [(HeaderName, HeaderValue); 5] {
    let fixed = HeaderValue::from_static;
    let content_type = HeaderValue::from_str(content_type).unwrap_or(fixed("application/octet-stream"));
    [
        (header::CONTENT_TYPE, content_type),
        (header::ETAG, HeaderValue::from_str(etag).unwrap_or(fixed("\"\""))),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::CONTENT_SECURITY_POLICY, fixed(POLICY)),
        (header::CACHE_CONTROL, fixed(CACHING)),
    ]
}

/// `Content-Disposition` (RFC 6266): pictures may be shown, everything else is saved.
pub(super) fn disposition(file: &File) -> HeaderValue {
    let essence = file.content_type.split(';').next().unwrap_or_default().trim();
    let kind = if SHOWN.contains(&essence) { "inline" } else { "attachment" };
    let path = file.path.parse::<FilePath>();
    let name = path.as_ref().map_or("file", FilePath::name);
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' };
    let fallback: String = name.chars().map(plain).collect();
    let exact = utf8_percent_encode(name, ENCODED);
    let value = format!("{kind}; filename=\"{fallback}\"; filename*=UTF-8''{exact}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::{BlobId, FileId, FileVersionId, Id};

    fn disposition_of(path: &str, content_type: &str) -> String {
        let now = chrono::DateTime::UNIX_EPOCH;
        let file = File {
            id: FileId::new(now),
            bucket: "docs".into(),
            path: path.into(),
            version_id: FileVersionId::new(now),
            blob_id: BlobId::new(now),
            size_bytes: 0,
            content_type: content_type.into(),
            sha256: Vec::new(),
            created_at: now,
            scan: None,
        };
        disposition(&file).to_str().unwrap().to_owned()
    }

    #[test]
    fn names_arrive_whole_and_only_harmless_pictures_are_shown() {
        for (path, content_type, expected) in [
            ("a/b.png", "image/png", "inline; filename=\"b.png\"; filename*=UTF-8''b.png"),
            ("x.svg", "image/svg+xml", "attachment; filename=\"x.svg\"; filename*=UTF-8''x.svg"),
            ("x.html", "text/html", "attachment; filename=\"x.html\"; filename*=UTF-8''x.html"),
            (
                "合同/发票 1.pdf",
                "application/pdf",
                "attachment; filename=\"__ 1.pdf\"; filename*=UTF-8''%E5%8F%91%E7%A5%A8%201.pdf",
            ),
            (
                "a\";b=%c'.txt",
                "text/plain",
                "attachment; filename=\"a_;b=_c'.txt\"; filename*=UTF-8''a%22%3Bb%3D%25c%27.txt",
            ),
        ] {
            assert_eq!(disposition_of(path, content_type), expected);
        }
    }
}
