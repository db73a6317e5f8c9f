//! What the first bytes of a file tell of its media type, and whether that fits the type its sender names.
//!
//! A type that leaves a trace at the beginning of a file (a picture, a PDF, an archive) is believed only with its trace, and
//! what shows the trace of one type is never stored as another. A type that leaves none is believed. What a browser could
//! run is found even where it pretends to be text.

/// Bytes that are enough to tell.
pub(crate) const HEAD_BYTES: usize = 4_096;

/// What is said of bytes that tell nothing.
pub(crate) const UNKNOWN: &str = "application/octet-stream";
/// No bytes at all: they fit every type.
const EMPTY: &str = "application/x-empty";
const PLAIN: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html";
const SVG: &str = "image/svg+xml";
const PDF: &str = "application/pdf";
const ZIP: &str = "application/zip";

/// Types that are believed only with their trace.
const TRACED: [&str; 9] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    PDF,
    "application/gzip",
    "application/x-7z-compressed",
    "application/vnd.rar",
];
/// Containers of formats that nobody can list.
const CONTAINERS: [&str; 4] =
    ["application/gzip", "application/x-ole-storage", "application/vnd.sqlite3", "image/tiff"];
/// Other names of the same types.
const ALIASES: [(&str, &str); 25] = [
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("image/x-png", "image/png"),
    ("image/x-bmp", "image/bmp"),
    ("image/x-ms-bmp", "image/bmp"),
    ("image/x-icon", "image/vnd.microsoft.icon"),
    ("application/x-pdf", PDF),
    ("application/x-zip", ZIP),
    ("application/x-zip-compressed", ZIP),
    ("application/x-gzip", "application/gzip"),
    ("application/x-gtar", "application/x-tar"),
    ("application/x-rar", "application/vnd.rar"),
    ("application/x-rar-compressed", "application/vnd.rar"),
    ("application/x-sqlite3", "application/vnd.sqlite3"),
    ("application/x-debian-package", "application/vnd.debian.binary-package"),
    ("application/x-elf", "application/x-executable"),
    ("application/x-pie-executable", "application/x-executable"),
    ("application/x-sharedlib", "application/x-executable"),
    ("application/x-msdownload", "application/vnd.microsoft.portable-executable"),
    ("application/x-msdos-program", "application/vnd.microsoft.portable-executable"),
    ("application/x-dosexec", "application/vnd.microsoft.portable-executable"),
    ("application/x-bzip", "application/x-bzip2"),
    ("font/woff", "application/font-woff"),
    ("font/ttf", "application/font-sfnt"),
    ("font/otf", "application/font-sfnt"),
];
/// Text that does not say so in its type's first word.
const TEXTS: [&str; 16] = [
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "application/typescript",
    "application/sql",
    "application/yaml",
    "application/x-yaml",
    "application/toml",
    "application/x-ndjson",
    "application/x-sh",
    "application/x-shellscript",
    "application/x-httpd-php",
    "application/rtf",
    "application/postscript",
];
/// How a page begins.
const PAGES: [&[u8]; 6] = [b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe"];

/// A named type that the content contradicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contradiction {
    pub(crate) found: String,
}

/// The media type of a file that begins with `head`.
pub(crate) fn content_type(head: &[u8]) -> &'static str {
    if head.is_empty() {
        return EMPTY;
    }
    if let Some(markup) = markup(head) {
        return markup;
    }
    if is_binary(head) {
        infer::get(head).map_or_else(|| late_pdf(head), |known| known.mime_type())
    } else {
        text(head)
    }
}

/// The types that a bucket must take for this file; the first is the one it is stored under.
pub(crate) fn judge(declared: Option<&str>, found: &str) -> Result<Vec<String>, Contradiction> {
    let stored = if found == EMPTY { UNKNOWN } else { found };
    let Some(declared) = declared else { return Ok(vec![stored.to_owned()]) };
    let named = plain_name(essence(declared));
    if named == UNKNOWN {
        return Ok(vec![stored.to_owned()]);
    }
    if !fits(named, found) {
        return Err(Contradiction { found: stored.to_owned() });
    }
    let runs = matches!(found, HTML | SVG) && named != found;
    // Another name of the type found gives way to the usual one.
    let kept = if named == found && named != essence(declared) { found } else { declared };
    Ok(std::iter::once(kept.to_owned()).chain(runs.then(|| found.to_owned())).collect())
}

/// The type without its parameters.
pub(crate) fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn fits(named: &str, found: &str) -> bool {
    if found == EMPTY || named == plain_name(essence(found)) {
        return true;
    }
    match found {
        UNKNOWN => !TRACED.contains(&named) && !is_zipped(named),
        HTML | SVG => is_text(named),
        _ if is_text(found) => is_text(named) || !is_known(named),
        _ if TRACED.contains(&named) || is_text(named) => false,
        _ if is_zipped(found) => is_zipped(named) || !is_known(named),
        _ => same_kind(named, found) || CONTAINERS.contains(&found) && !is_known(named),
    }
}

/// Pictures of other pictures' build, films that are sound only, old office files.
fn same_kind(named: &str, found: &str) -> bool {
    let kind = |name: &str| match name.split('/').next() {
        Some("audio" | "video") => "media".to_owned(),
        Some("application") if is_old_office(name) => "office".to_owned(),
        Some("application") => name.to_owned(),
        other => other.unwrap_or_default().to_owned(),
    };
    kind(named) == kind(found)
}

fn is_old_office(name: &str) -> bool {
    matches!(name, "application/msword" | "application/x-ole-storage") || name.starts_with("application/vnd.ms-")
}

fn is_zipped(name: &str) -> bool {
    const OTHERS: [&str; 4] =
        ["application/java-archive", "application/vnd.android.package-archive", "image/openraster", ZIP];
    OTHERS.contains(&name)
        || name.ends_with("+zip")
        || name.starts_with("application/vnd.openxmlformats-officedocument.")
        || name.starts_with("application/vnd.oasis.opendocument.")
}

/// Whether files of this type are text, as people write it.
fn is_text(name: &str) -> bool {
    let name = essence(name);
    name.starts_with("text/")
        || name.ends_with("+xml")
        || name.ends_with("+json")
        || name.ends_with("+yaml")
        || TEXTS.contains(&name)
}

/// Whether files of this type would have been known by their first bytes.
fn is_known(name: &str) -> bool {
    let kind = name.split('/').next().unwrap_or_default();
    matches!(kind, "image" | "audio" | "video" | "font") || is_zipped(name) || infer::is_mime_supported(name)
}

fn plain_name(name: &str) -> &str {
    match ALIASES.iter().find(|(other, _)| *other == name) {
        Some((_, plain)) => plain,
        None if name == "text/xml" => "application/xml",
        None => name,
    }
}

/// Pages and pictures that may hold programs, whatever follows.
fn markup(head: &[u8]) -> Option<&'static str> {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let lower = start.get(..start.len().min(1_024))?.to_ascii_lowercase();
    if PAGES.iter().any(|page| lower.starts_with(page)) {
        return Some(HTML);
    }
    let has = |tag: &[u8]| lower.windows(tag.len()).any(|window| window == tag);
    match () {
        () if lower.starts_with(b"<svg") => Some(SVG),
        () if !lower.starts_with(b"<?xml") && !lower.starts_with(b"<!") => None,
        () if has(b"<svg") => Some(SVG),
        () if has(b"<html") || has(b"<script") => Some(HTML),
        () => lower.starts_with(b"<?xml").then_some("text/xml"),
    }
}

/// Control characters that no text holds, in any encoding of it but UTF-16.
fn is_binary(head: &[u8]) -> bool {
    head.iter().any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f))
}

/// Readers of PDF take it with up to a kilobyte of something else in front.
fn late_pdf(head: &[u8]) -> &'static str {
    let early = &head[..head.len().min(1_024)];
    if early.windows(5).any(|window| window == b"%PDF-") { PDF } else { UNKNOWN }
}

fn text(head: &[u8]) -> &'static str {
    match head {
        [b'%', b'P', b'D', b'F', b'-', ..] => return PDF,
        [b'%', b'!', b'P', b'S', ..] => return "application/postscript",
        [b'{', b'\\', b'r', b't', b'f', ..] => return "application/rtf",
        [b'#', b'!', b'/', ..] => return "text/x-shellscript",
        _ => {}
    }
    let known = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The cut may fall inside a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    if known { PLAIN } else { late_pdf(head) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const ELF: &[u8] = &[
        0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0";
    const PAGE: &[u8] = b"\n <!DOCTYPE html><script>alert(1)</script>";
    const DRAWING: &[u8] = b"<?xml version=\"1.0\"?>\n<!-- x --><svg onload=\"alert(1)\"/>";
    const ZIPPED: &[u8] = b"PK\x03\x04\x14\0\0\0\x08\0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const POLYGLOT: &[u8] = b"GIF89a=1;alert(document.domain)//";

    #[test]
    fn knows_pictures_text_and_nothing() {
        for (head, expected) in [
            (PNG, "image/png"),
            ("凤凰单丛".as_bytes(), PLAIN),
            (&"凤".as_bytes()[..2], UNKNOWN),
            (b"\x00\x01\x02", UNKNOWN),
            (b"", EMPTY),
            (PAGE, HTML),
            (b"<html>\0\0", HTML),
            (DRAWING, SVG),
            (b"<!-- a drawing --> <svg/>", SVG),
            (b"<!-- a note -->\n# Title", PLAIN),
            (b"<?xml version='1.0'?><order/>", "text/xml"),
            (b"#!/bin/sh\nid", "text/x-shellscript"),
            (b"%PDF-1.7\n", PDF),
            (b"junk\0junk\n%PDF-1.7\n", PDF),
            // Two letters make no program.
            (b"MZ is how it begins", PLAIN),
            (EXE, "application/vnd.microsoft.portable-executable"),
            (ELF, "application/x-executable"),
            (POLYGLOT, PLAIN),
            // GBK.
            (b"\xb7\xef\xbb\xcb\xb5\xa5\xb4\xd4", UNKNOWN),
        ] {
            assert_eq!(content_type(head), expected, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_named_type_that_the_content_contradicts_is_refused() {
        for (named, head) in [
            ("image/png", PAGE),
            ("image/png", ELF),
            ("image/png", DRAWING),
            ("image/png", b"%PDF-1.7".as_slice()),
            ("image/png", b"\0\0\0\0"),
            ("image/jpeg", PNG),
            ("image/gif", POLYGLOT),
            ("video/mp4", PAGE),
            ("video/mp4", PNG),
            ("audio/mpeg", b"hello"),
            ("application/pdf", ZIPPED),
            ("application/pdf", b"no document"),
            ("application/zip", PNG),
            ("application/zip", b"no archive"),
            ("text/plain", EXE),
            ("text/html; charset=utf-8", PNG),
            ("application/x-own", PAGE),
            ("application/x-own", ELF),
            ("application/json", PNG),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", PAGE),
        ] {
            assert!(judge(Some(named), content_type(head)).is_err(), "{named}: {}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_named_type_that_fits_is_kept_as_named() {
        for (named, head) in [
            ("image/png", PNG),
            ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF".as_slice()),
            ("image/png", b""),
            ("text/csv; charset=gbk", b"\xb7\xef\xbb\xcb,1"),
            ("text/plain", b"\xff\xfea\0b\0"),
            ("text/markdown", b"<div>a</div>"),
            ("application/json", b"{}"),
            ("application/x-own", b"{}"),
            ("application/x-own", ZIPPED),
            ("application/x-own", b"\0\x01"),
            ("application/rss+xml", b"<?xml version='1.0'?><rss/>"),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIPPED),
            ("image/x-nikon-nef", b"II*\0\x08\0\0\0\0\0\0\0\0\0\0\0"),
            ("application/x-www-form-urlencoded", b"a=b"),
        ] {
            assert_eq!(judge(Some(named), content_type(head)), Ok(vec![named.to_owned()]), "{named}");
        }
    }

    #[test]
    fn another_name_of_the_type_gives_way_to_the_usual_one() {
        for (named, head, usual) in [
            ("image/jpg", b"\xff\xd8\xff\xe0\0\x10JFIF".as_slice(), "image/jpeg"),
            ("application/x-zip-compressed", ZIPPED, ZIP),
            ("application/x-msdownload", EXE, "application/vnd.microsoft.portable-executable"),
        ] {
            assert_eq!(judge(Some(named), content_type(head)), Ok(vec![usual.to_owned()]), "{named}");
        }
    }

    #[test]
    fn without_a_named_type_what_is_found_counts() {
        for named in [None, Some(UNKNOWN)] {
            assert_eq!(judge(named, content_type(PAGE)), Ok(vec![HTML.to_owned()]));
            assert_eq!(judge(named, content_type(PNG)), Ok(vec!["image/png".to_owned()]));
            assert_eq!(judge(named, content_type(b"")), Ok(vec![UNKNOWN.to_owned()]));
        }
    }

    #[test]
    fn a_page_sent_as_text_needs_a_bucket_for_both() {
        assert_eq!(judge(Some("text/plain"), content_type(PAGE)), Ok(vec!["text/plain".to_owned(), HTML.to_owned()]));
        assert_eq!(judge(Some("image/svg+xml"), content_type(DRAWING)), Ok(vec![SVG.to_owned()]));
    }
}
