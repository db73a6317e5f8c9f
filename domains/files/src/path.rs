//! Names of files: free text with rules that keep it harmless on any disk it may later be saved to.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Bytes of the longest path.
pub(crate) const MAX_BYTES: usize = 1024;
/// Bytes of the longest name between two slashes: what common file systems take.
const MAX_SEGMENT_BYTES: usize = 255;
/// Bytes of the longest extension, with its dot; what is longer after a dot belongs to the name.
const MAX_EXTENSION_BYTES: usize = 32;

/// Why a text is not a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Empty, or longer than 1024 bytes, or a name longer than 255 bytes.
    #[error("a path has 1 to 1024 bytes, and each name in it at most 255")]
    Length,
    /// A control character, a backslash, or a character that turns the direction of writing.
    #[error("a path holds no control characters, backslashes or direction marks")]
    Character,
    /// An empty name, `.` or `..`.
    #[error("names in a path are not empty, `.` or `..`")]
    Segment,
}

/// A file's path in its bucket, in Unicode's composed form: `合同/2026/发票.pdf`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePath(String);

impl FilePath {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name after the last slash.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl FilePath {
    /// The same path with a number before the extension, and a name that is shortened if need be: `a (2).txt`. Nothing, if the folder
    /// leaves no room.
    pub fn numbered(&self, number: i64) -> Option<Self> {
        let (folder, name) = self.0.split_at(self.0.len() - self.name().len());
        let dot = name.rfind('.').filter(|&dot| dot > 0 && name.len() - dot <= MAX_EXTENSION_BYTES);
        let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
        let end = format!(" ({number}){extension}");
        let room = MAX_SEGMENT_BYTES.min(MAX_BYTES - folder.len()).checked_sub(end.len())?;
        let stem = (1..=room.min(stem.len())).rev().find_map(|length| stem.get(..length))?;
        format!("{folder}{stem}{end}").parse().ok()
    }
}

impl TryFrom<String> for FilePath {
    type Error = PathError;
    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.0
    }
}

impl std::str::FromStr for FilePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let path: String = text.nfc().collect();
        if path.is_empty() || path.len() > MAX_BYTES {
            return Err(PathError::Length);
        }
        if path.chars().any(is_harmful) {
            return Err(PathError::Character);
        }
        for segment in path.split('/') {
            if segment.len() > MAX_SEGMENT_BYTES {
                return Err(PathError::Length);
            }
            if matches!(segment.trim(), "" | "." | "..") {
                return Err(PathError::Segment);
            }
        }
        Ok(Self(path))
    }
}

fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\\' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_names_of_any_language_and_refuses_tricks() {
        for good in ["a", "合同/2026/发票.pdf", "a b+c%20.txt", "CON", ".hidden", "..."] {
            assert_eq!(good.parse::<FilePath>().unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("", PathError::Length),
            ("/etc/passwd", PathError::Segment),
            ("../x", PathError::Segment),
            ("a/./b", PathError::Segment),
            ("a//b", PathError::Segment),
            ("a/", PathError::Segment),
            ("a\0b", PathError::Character),
            ("a\\..\\b", PathError::Character),
            ("invoice\u{202e}fdp.exe", PathError::Character),
        ] {
            assert_eq!(bad.parse::<FilePath>(), Err(why), "{bad:?}");
        }
        assert_eq!("x".repeat(256).parse::<FilePath>(), Err(PathError::Length));
    }

    #[test]
    fn a_number_goes_before_the_extension_and_fits() {
        for (path, expected) in [
            ("a.txt", "a (2).txt"),
            ("合同/发票.pdf", "合同/发票 (2).pdf"),
            ("a.b/c", "a.b/c (2)"),
            (".hidden", ".hidden (2)"),
            ("a.tar.gz", "a.tar (2).gz"),
        ] {
            assert_eq!(path.parse::<FilePath>().unwrap().numbered(2).unwrap().as_str(), expected);
        }
        let long = format!("{}.txt", "茶".repeat(83)).parse::<FilePath>().unwrap().numbered(10).unwrap();
        assert_eq!(long.as_str(), format!("{} (10).txt", "茶".repeat(82)));
        let deep = format!("{}x", "0/".repeat(511));
        assert_eq!(deep.parse::<FilePath>().unwrap().numbered(2), None);
    }

    #[test]
    fn composed_and_decomposed_forms_are_one_path() {
        assert_eq!("cafe\u{301}".parse::<FilePath>(), "caf\u{e9}".parse::<FilePath>());
    }

    proptest! {
        #[test]
        fn what_is_taken_stays_inside_any_folder(text in "\\PC{0,40}|[./a]{0,12}") {
            if let Ok(path) = text.parse::<FilePath>() {
                let joined = std::path::Path::new("/root-folder").join(path.as_str());
                prop_assert!(joined.components().all(|c| c != std::path::Component::ParentDir));
                prop_assert!(joined.starts_with("/root-folder"));
            }
        }
    }
}
