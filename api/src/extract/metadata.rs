//! What integrators keep with things of ours: a small map of texts.

#![expect(clippy::ref_option, reason = "garde hands over the field")]

use std::collections::BTreeMap;

/// The most keys of metadata.
const MOST: usize = 50;
/// The longest key and value, in characters.
const CHARACTERS: usize = 500;

/// The rule of `metadata`, wherever it is given.
pub(crate) fn is_metadata(metadata: &Option<BTreeMap<String, String>>, (): &()) -> garde::Result {
    metadata.iter().try_for_each(|map| is_small(map, MOST))
}

/// At most so many keys, and none of the texts too long.
pub(crate) fn is_small(map: &BTreeMap<String, String>, most: usize) -> garde::Result {
    let short = |text: &String| text.chars().count() <= CHARACTERS;
    let sound = map.len() <= most && map.iter().all(|(key, value)| short(key) && short(value));
    if sound { Ok(()) } else { Err(garde::Error::new(format!("at most {most} keys, {CHARACTERS} characters each"))) }
}
