//! One form for all ways to write the same, and the script of a character.

use std::{collections::HashMap, sync::LazyLock};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Pairs of a traditional character and its simplified form. From `fast2s` 0.3.1 (MIT), whose chains are resolved.
const PAIRS: &str = include_str!("simplified.txt");

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let chars: Vec<char> = PAIRS.chars().filter(|c| *c != '\n').collect();
    chars.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
});

/// Full-width forms, capitals, accents and traditional characters made one: `ＵＳＢ Café 手機` becomes `usb cafe 手机`.
pub fn normalised(text: &str) -> String {
    let mut once = folded(text);
    // A capital may hide behind a compatibility form of a compatibility form.
    for _ in 0..3 {
        let again = folded(&once);
        if again == once {
            break;
        }
        once = again;
    }
    once
}

fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lowered = text.nfkc().flat_map(char::to_lowercase);
    let bare = lowered.nfd().filter(|c| !(is_combining_mark(*c) && ('\u{300}'..='\u{36f}').contains(c)));
    bare.nfc().map(|c| SIMPLIFIED.get(&c).copied().unwrap_or(c)).collect()
}

/// The first `count` characters of a text.
pub fn first_chars(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// What a character is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Written without spaces: Chinese, Japanese, Korean.
    Dense,
    Digit,
    Letter,
    /// Joins the parts of a code.
    Joint,
    Other,
}

pub(crate) fn script(c: char) -> Script {
    match c {
        '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
            if c.is_alphanumeric() =>
        {
            Script::Dense
        }
        '-' | '_' | '/' => Script::Joint,
        _ if c.is_numeric() => Script::Digit,
        _ if c.is_alphabetic() => Script::Letter,
        _ => Script::Other,
    }
}

/// Runs of characters of which each two neighbours fit `same`, each with the script of its first.
pub(crate) fn runs(text: &str, same: fn(Script, Script) -> bool) -> impl Iterator<Item = (Script, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = script(rest.chars().next()?);
        let mut before = first;
        let mut end = rest.len();
        for (at, c) in rest.char_indices().skip(1) {
            let next = script(c);
            if !same(before, next) {
                end = at;
                break;
            }
            before = next;
        }
        let (run, after) = rest.split_at(end);
        rest = after;
        Some((first, run))
    })
}

/// Runs of dense text, of letters and digits, and of the rest.
pub(crate) fn broad(a: Script, b: Script) -> bool {
    let latin = |script| matches!(script, Script::Letter | Script::Digit);
    a == b || (latin(a) && latin(b))
}

/// Runs of one script each.
pub(crate) fn narrow(a: Script, b: Script) -> bool {
    a == b
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_ways_to_write_the_same_are_one() {
        for (text, expected) in [
            ("ＵＳＢ－Ｃ　１２３", "usb-c 123"),
            ("Café CRÈME", "cafe creme"),
            ("手機殼 茶壺 臺灣烏龍", "手机壳 茶壶 台湾乌龙"),
            ("㎏ ① ﬁ", "kg 1 fi"),
            ("が한글", "が한글"),
            ("İSTANBUL ẞ", "istanbul ß"),
        ] {
            assert_eq!(normalised(text), expected, "{text}");
        }
    }

    #[test]
    fn a_simplified_character_is_the_end_of_its_chain() {
        let dead_ends = SIMPLIFIED.values().filter(|simple| SIMPLIFIED.contains_key(simple)).count();
        assert_eq!((SIMPLIFIED.len(), dead_ends), (2_734, 0));
    }

    proptest! {
        #[test]
        fn what_is_normal_stays_as_it_is(text in any::<String>()) {
            let once = normalised(&text);
            prop_assert_eq!(normalised(&once), once);
        }
    }
}
