//! `Upload-Metadata`: what a sender says of a file.

use super::protocol::{METADATA, invalid};
use crate::problem::{FieldError, Problem, edge};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use files::{BucketName, FilePath};
use std::collections::BTreeMap;

/// Bytes of the longest header.
const MAX_BYTES: usize = 4_096;

/// Where a file goes and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metadata {
    /// What is not a name names no bucket.
    pub(super) bucket: Option<String>,
    pub(super) path: FilePath,
    pub(super) content_type: Option<String>,
}

impl Metadata {
    /// Reads the header: `bucket`, `path` (or `filename`, as browsers call it), and `filetype`.
    pub(super) fn read(header: &str) -> Result<Self, Problem> {
        let mut pairs = pairs(header)?;
        let bucket = pairs.remove("bucket").ok_or_else(|| missing("bucket"))?;
        let path = pairs.remove("path").or_else(|| pairs.remove("filename")).ok_or_else(|| missing("path"))?;
        let path: FilePath = path.parse().map_err(|error: files::PathError| {
            let zh = "路径须为 UTF-8，长 1 到 1024 字节，每段不超过 255 字节，且不含空段、.、..、反斜杠或控制字符";
            edge::VALIDATION_FAILED.error(FieldError::new("/path", "invalid", error.to_string(), zh))
        })?;
        let content_type = pairs.remove("filetype").filter(|text| !text.is_empty());
        let content_type = content_type.as_deref().map(media_type).transpose()?;
        Ok(Self { bucket: bucket.parse::<BucketName>().ok().map(String::from), path, content_type })
    }
}

fn missing(key: &'static str) -> Problem {
    let (en, zh) = (format!("Upload-Metadata has no {key}"), format!("Upload-Metadata 缺少 {key}"));
    edge::VALIDATION_FAILED.error(FieldError::new(format!("/{key}"), "required", en, zh))
}

fn media_type(text: &str) -> Result<String, Problem> {
    match text.parse::<mime::Mime>() {
        Ok(known) if text.len() <= 255 => Ok(known.to_string()),
        _ => {
            let (en, zh) = ("must be a media type such as image/png", "须为媒体类型，例如 image/png");
            Err(edge::VALIDATION_FAILED.error(FieldError::new("/filetype", "invalid", en, zh)))
        }
    }
}

/// Keys, each once and in ASCII, with values in Base64, which may be missing.
fn pairs(header: &str) -> Result<BTreeMap<String, String>, Problem> {
    let malformed = || invalid(&METADATA);
    let mut pairs = BTreeMap::new();
    if header.len() > MAX_BYTES {
        return Err(malformed());
    }
    for pair in header.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).map_err(|_| malformed())?;
        let value = String::from_utf8(value).map_err(|_| malformed())?;
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) || pairs.insert(key.to_owned(), value).is_some() {
            return Err(malformed());
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&str, &str)]) -> String {
        let pairs = pairs.iter().map(|(key, value)| format!("{key} {}", STANDARD.encode(value)));
        pairs.collect::<Vec<_>>().join(",")
    }

    #[test]
    fn names_of_any_language_arrive_whole() {
        let header = told(&[("bucket", "docs"), ("filename", "发票.pdf"), ("filetype", "application/pdf")]);
        let read = Metadata::read(&format!("{header},is_confidential")).unwrap();
        assert_eq!((read.bucket.as_deref(), read.path.as_str()), (Some("docs"), "发票.pdf"));
        assert_eq!(read.content_type.as_deref(), Some("application/pdf"));
        let both = told(&[("bucket", "Docs"), ("filename", "b"), ("path", "合同/a"), ("filetype", "")]);
        let read = Metadata::read(&both).unwrap();
        assert_eq!((read.bucket, read.path.as_str(), read.content_type), (None, "合同/a", None));
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        let status = |header: &str| Metadata::read(header).unwrap_err().kind().status;
        for header in ["bucket !", "bucket ZG9jcw==,bucket ZG9jcw==", "b\u{e4} ZG9jcw==", "bucket /w=="] {
            assert_eq!(status(header), 400, "{header}");
        }
        assert_eq!(status(&"x".repeat(5_000)), 400);
        for header in ["", "bucket ZG9jcw==", &told(&[("bucket", "docs"), ("path", "../x")])] {
            assert_eq!(status(header), 422, "{header}");
        }
        assert_eq!(status(&told(&[("bucket", "docs"), ("path", "x"), ("filetype", "x\r\ny: z")])), 422);
    }
}
