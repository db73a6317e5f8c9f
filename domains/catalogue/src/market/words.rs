//! Cuts text into the words it is found by. Listings and queries are cut alike. Pure.
//!
//! Chinese is cut by jieba's dictionary and, because no dictionary knows every brand, also into pairs of neighbouring
//! characters, and for listings into single characters. Letters and digits are words of their own, cut where the script
//! changes. Full-width forms are folded (NFKC), letters are lowered, traditional characters stay as they are.

use jieba_rs::Jieba;
use std::{collections::HashMap, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

/// Takes some hundred milliseconds to load, so the first use belongs on a blocking thread, as every transaction does.
static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Characters of a query that are read.
const QUERY_CHARS: usize = 100;
/// Characters of a word that are kept.
const WORD_CHARS: usize = 40;
/// What a word of the dictionary, or one of letters and digits, counts in a query.
const WORD: i32 = 2;
/// What a mere pair of characters counts.
const PAIR: i32 = 1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Han,
    Digit,
    Letter,
    Other,
}

fn script(c: char) -> Script {
    match c {
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
            Script::Han
        }
        _ if c.is_numeric() => Script::Digit,
        _ if c.is_alphabetic() => Script::Letter,
        _ => Script::Other,
    }
}

/// The first `count` characters of a text.
pub(super) fn first_chars(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

fn normalised(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Runs of one class of characters, by `same`.
fn runs(text: &str, same: fn(Script, Script) -> bool) -> impl Iterator<Item = (Script, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = script(rest.chars().next()?);
        let end = rest.char_indices().find(|(_, c)| !same(first, script(*c))).map_or(rest.len(), |(at, _)| at);
        let (run, after) = rest.split_at(end);
        rest = after;
        Some((first, run))
    })
}

/// Whether two characters stand in one run, letters and digits together.
fn together(a: Script, b: Script) -> bool {
    let alphanumeric = |script| matches!(script, Script::Letter | Script::Digit);
    a == b || (alphanumeric(a) && alphanumeric(b))
}

/// Calls `word` with every word of a text and what it counts in a query; 0 is for listings only.
fn cut(text: &str, mut word: impl FnMut(&str, i32)) {
    for (first, run) in runs(text, together) {
        match first {
            Script::Other => {}
            Script::Han => cut_chinese(run, &mut word),
            Script::Letter | Script::Digit => {
                let run = first_chars(run, WORD_CHARS);
                word(run, WORD);
                let parts = runs(run, |a, b| a == b).map(|(_, part)| part);
                parts.filter(|part| *part != run).for_each(|part| word(part, PAIR));
            }
        }
    }
}

fn cut_chinese(run: &str, word: &mut impl FnMut(&str, i32)) {
    let chars: Vec<&str> = run.char_indices().map(|(at, c)| &run[at..at + c.len_utf8()]).collect();
    let single_counts = if chars.len() == 1 { WORD } else { 0 };
    for single in &chars {
        word(single, single_counts);
    }
    let mut at = 0;
    let pairs = chars.windows(2).map(|pair| {
        let start = at;
        at += pair[0].len();
        &run[start..start + pair[0].len() + pair[1].len()]
    });
    pairs.for_each(|pair| word(pair, PAIR));
    let of_dictionary = JIEBA.cut_for_search(run, true);
    let longer = of_dictionary.iter().map(|token| token.word).filter(|text| text.chars().nth(1).is_some());
    longer.for_each(|text| word(first_chars(text, WORD_CHARS), WORD));
}

/// The different words of a query, with what each counts.
pub(super) fn of_query(query: &str) -> Vec<(String, i32)> {
    let mut words: HashMap<String, i32> = HashMap::new();
    cut(&normalised(first_chars(query, QUERY_CHARS)), |word, counts| {
        if counts > 0 {
            let best = words.entry(word.to_owned()).or_default();
            *best = counts.max(*best);
        }
    });
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort();
    words
}

/// The words of a listing, each with the sum of the weights of the fields it stands in.
#[derive(Debug, Default)]
pub(super) struct Weighed {
    words: HashMap<String, i32>,
    length: i32,
}

impl Weighed {
    /// Adds a field's text.
    pub(super) fn add(&mut self, text: &str, weight: i32) {
        let Self { words, length } = self;
        cut(&normalised(text), |word, _| {
            *length = length.saturating_add(1);
            let sum = words.entry(word.to_owned()).or_default();
            *sum = sum.saturating_add(weight);
        });
    }

    /// How many words there are, repetitions counted.
    pub(super) const fn length(&self) -> i32 {
        self.length
    }

    /// Each different word with its weight.
    pub(super) fn words(self) -> impl Iterator<Item = (String, i16)> {
        self.words.into_iter().map(|(word, weight)| (word, i16::try_from(weight).unwrap_or(i16::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(text: &str) -> Vec<String> {
        of_query(text).into_iter().map(|(word, _)| word).collect()
    }

    fn listing(text: &str) -> HashMap<String, i16> {
        let mut weighed = Weighed::default();
        weighed.add(text, 1);
        weighed.words().collect()
    }

    #[test]
    fn scripts_are_cut_apart() {
        let words = query("iPhone15手机壳");
        for word in ["iphone15", "iphone", "15", "手机", "机壳"] {
            assert!(words.iter().any(|found| found == word), "{word} in {words:?}");
        }
    }

    #[test]
    fn full_width_forms_and_capitals_are_folded() {
        assert_eq!(query("ＵＳＢ－Ｃ １２３"), query("usb-c 123"));
    }

    #[test]
    fn one_and_two_characters_of_a_title_find_it() {
        let words = listing("凤凰单丛 乌岽山 500g");
        for text in ["单丛", "凤", "乌岽", "500g", "500", "岽山"] {
            let wanted = query(text);
            assert!(!wanted.is_empty() && wanted.iter().all(|word| words.contains_key(word)), "{text}: {wanted:?}");
        }
    }

    #[test]
    fn punctuation_and_nothing_are_no_words() {
        assert!(query("，。!? \u{0}  「」").is_empty() && query("").is_empty());
    }

    proptest! {
        #[test]
        fn a_listing_has_every_word_of_its_own_text_as_a_query(text in "[a-zA-Z0-9 茶几实木胡桃色沙发手机壳繁體，]{0,40}") {
            let words = listing(&text);
            for word in query(&text) {
                prop_assert!(words.contains_key(&word), "{} of {}", word, text);
            }
        }

        #[test]
        fn any_text_is_cut_without_panic(text in any::<String>()) {
            for (word, counts) in of_query(&text) {
                prop_assert!(!word.is_empty() && word.chars().count() <= WORD_CHARS && counts > 0);
            }
        }
    }
}
