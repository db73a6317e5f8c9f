//! Rules that several requests of the storage share.

#![expect(clippy::ref_option, reason = "garde hands over the field")]

use files::FilePath;
use std::collections::BTreeSet;

/// The longest tag, in characters.
const TAG_CHARACTERS: usize = 50;
/// The most tags of a file.
const MOST: usize = 50;

pub(super) fn is_path(text: &str, (): &()) -> garde::Result {
    text.parse::<FilePath>().map(drop).map_err(garde::Error::new)
}

pub(super) fn is_path_if_given(text: &Option<String>, (): &()) -> garde::Result {
    text.as_ref().map_or(Ok(()), |text| is_path(text, &()))
}

/// A folder: empty, or a path, with or without a slash at its end.
pub(super) fn is_folder(text: &str, (): &()) -> garde::Result {
    let path = text.strip_suffix('/').unwrap_or(text);
    if text.is_empty() { Ok(()) } else { path.parse::<FilePath>().map(drop).map_err(garde::Error::new) }
}

/// The folder that [`is_folder`] has checked, in composed form and with its slash.
pub(super) fn folder(text: &str) -> String {
    let path = text.strip_suffix('/').unwrap_or(text).parse::<FilePath>();
    path.map_or_else(|_| String::new(), |path| format!("{}/", path.as_str()))
}

pub(super) fn are_tags(tags: &Option<BTreeSet<String>>, (): &()) -> garde::Result {
    let Some(tags) = tags else { return Ok(()) };
    let plain = |tag: &String| {
        (1..=TAG_CHARACTERS).contains(&tag.chars().count()) && tag.trim() == tag && !tag.chars().any(char::is_control)
    };
    if tags.len() <= MOST && tags.iter().all(plain) {
        Ok(())
    } else {
        Err(garde::Error::new(format!("at most {MOST} tags of 1 to {TAG_CHARACTERS} characters, without outer spaces")))
    }
}
