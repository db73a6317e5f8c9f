//! Media types from the first bytes, for uploads that name none.

/// Bytes that are enough to tell.
pub(crate) const HEAD_BYTES: usize = 4_096;

/// The media type of a file that begins with `head`.
pub(crate) fn content_type(head: &[u8]) -> &'static str {
    if let Some(known) = infer::get(head) {
        return known.mime_type();
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The cut may fall inside a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return "application/octet-stream",
    };
    let plain = !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    if plain { "text/plain; charset=utf-8" } else { "application/octet-stream" }
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn knows_pictures_text_and_nothing() {
        assert_eq!(content_type(b"\x89PNG\r\n\x1a\n0000"), "image/png");
        assert_eq!(content_type("凤凰单丛".as_bytes()), "text/plain; charset=utf-8");
        assert_eq!(content_type(&"凤".as_bytes()[..2]), "application/octet-stream");
        assert_eq!(content_type(b""), "application/octet-stream");
        assert_eq!(content_type(b"\x00\x01\x02"), "application/octet-stream");
    }
}
