//! Headers that go with a file's bytes.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use files::{File, FilePath, Thumbnail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Whatever the file holds, a browser that shows it may run nothing in the platform's name.
const POLICY: &str = "default-src 'none'; sandbox";
/// What a browser's own viewer of PDF needs; it runs the file's programs apart from any page.
const VIEWER_POLICY: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";
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

/// For whom a file is sent, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// To a member or program of the firm.
    Own,
    /// To everybody.
    Public,
    /// To be saved by somebody outside.
    Taken,
    /// To be seen by somebody outside, who is not offered to save it.
    Shown,
}

impl Manner {
    const fn caching(self) -> &'static str {
        match self {
            // May be kept, and is asked for again each time.
            Self::Own => "private, no-cache",
            // What is taken back, or changed, is seen by all after a minute.
            Self::Public => "public, max-age=60",
            // What was shown by a link must be gone when the link is.
            Self::Taken | Self::Shown => "no-store",
        }
    }

    /// Whether a browser shows a file of this type instead of saving it.
    fn shows(self, essence: &str) -> bool {
        match self {
            Self::Own | Self::Public => SHOWN.contains(&essence),
            Self::Taken => false,
            Self::Shown => shares::is_previewable(essence),
        }
    }

    fn policy(self, essence: &str) -> &'static str {
        if self == Self::Shown && essence == "application/pdf" { VIEWER_POLICY } else { POLICY }
    }
}

/// The headers of a file's answer, whole or in part.
pub(super) fn of(file: &File, manner: Manner) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let shown = manner.shows(essence_of(&file.content_type));
    let disposition = (header::CONTENT_DISPOSITION, disposition_as(file, shown));
    let own = [disposition, (header::ACCEPT_RANGES, HeaderValue::from_static("bytes"))];
    shared(&file.content_type, &file.etag(), manner).into_iter().chain(own)
}

/// The headers of a small picture's answer.
pub(super) fn of_thumbnail(thumbnail: &Thumbnail) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let own = [(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"))];
    shared(&thumbnail.content_type, &thumbnail.etag(), Manner::Own).into_iter().chain(own)
}

/// A media type without its parameters.
fn essence_of(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn shared(content_type: &str, etag: &str, manner: Manner) -> [(HeaderName, HeaderValue); 5] {
    let fixed = HeaderValue::from_static;
    let policy = manner.policy(essence_of(content_type));
    let content_type = HeaderValue::from_str(content_type).unwrap_or(fixed("application/octet-stream"));
    [
        (header::CONTENT_TYPE, content_type),
        (header::ETAG, HeaderValue::from_str(etag).unwrap_or(fixed("\"\""))),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::CONTENT_SECURITY_POLICY, fixed(policy)),
        (header::CACHE_CONTROL, fixed(manner.caching())),
    ]
}

/// `Content-Disposition` (RFC 6266) for members: pictures may be shown, everything else is saved.
pub(super) fn disposition(file: &File) -> HeaderValue {
    disposition_as(file, Manner::Own.shows(essence_of(&file.content_type)))
}

/// `Content-Disposition` with the file's name.
fn disposition_as(file: &File, shown: bool) -> HeaderValue {
    let kind = if shown { "inline" } else { "attachment" };
    let path = file.path.parse::<FilePath>();
    named(kind, path.as_ref().map_or("file", FilePath::name))
}

/// The headers of an archive that is made while it is sent, to be saved under a name.
pub(super) fn of_archive(name: &str) -> [(HeaderName, HeaderValue); 5] {
    let fixed = HeaderValue::from_static;
    [
        (header::CONTENT_TYPE, fixed("application/zip")),
        (header::CONTENT_DISPOSITION, named("attachment", name)),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::CONTENT_SECURITY_POLICY, fixed(POLICY)),
        (header::CACHE_CONTROL, fixed("no-store")),
    ]
}

fn named(kind: &str, name: &str) -> HeaderValue {
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' };
    let fallback: String = name.chars().map(plain).collect();
    let exact = utf8_percent_encode(name, ENCODED);
    let value = format!("{kind}; filename=\"{fallback}\"; filename*=UTF-8''{exact}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::{BlobId, BucketId, FileId, FileVersionId, Id};

    fn disposition_of(path: &str, content_type: &str) -> String {
        let now = chrono::DateTime::UNIX_EPOCH;
        let file = File {
            id: FileId::new(now),
            bucket_id: BucketId::new(now),
            bucket: "docs".into(),
            path: path.into(),
            version_id: FileVersionId::new(now),
            blob_id: BlobId::new(now),
            size_bytes: 0,
            content_type: content_type.into(),
            sha256: Vec::new(),
            created_at: now,
            updated_at: now,
            tags: Vec::new(),
            metadata: serde_json::json!({}),
            revision: 1,
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
