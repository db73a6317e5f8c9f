//! What a browser may be shown of a stranger's file: types that hold no program.

/// Types that are shown. HTML, SVG and XML hold programs and are never among them.
const PREVIEWABLE: [&str; 13] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "audio/mp4",
    "audio/flac",
    "application/pdf",
    "text/plain",
];

/// Whether files of a media type may be shown in a browser.
pub fn is_previewable(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    PREVIEWABLE.iter().any(|known| essence.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::is_previewable;

    #[test]
    fn what_holds_a_program_is_not_shown() {
        for shown in ["image/png", "text/plain; charset=utf-8", "Application/PDF"] {
            assert!(is_previewable(shown), "{shown}");
        }
        for not in ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "text/html; a=image/png", ""] {
            assert!(!is_previewable(not), "{not}");
        }
    }
}
