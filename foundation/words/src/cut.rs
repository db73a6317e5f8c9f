//! Words of a text.

use crate::normal::{Script, broad, first_chars, narrow, normalised, runs};
use jieba_rs::Jieba;
use rust_stemmers::{Algorithm, Stemmer};
use std::sync::LazyLock;

/// Takes some hundred milliseconds to load, so the first use belongs on a blocking thread, as every transaction does.
pub(crate) static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);
static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// Characters of a word that are kept.
pub(crate) const WORD_CHARS: usize = 40;
/// The shortest word that has a stem of its own.
const STEMMED_FROM: usize = 4;

/// How finely a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// Single characters too: for short texts that say what a thing is.
    Fine,
    /// Words and pairs of characters: for descriptions.
    Coarse,
}

/// Calls `word` with every word of a text, as often as it stands there.
pub fn each_word(text: &str, grain: Grain, mut word: impl FnMut(&str)) {
    let normal = normalised(text);
    for code in codes(&normal) {
        word(&code);
    }
    for (first, run) in runs(&normal, broad) {
        match first {
            Script::Joint | Script::Other => {}
            Script::Dense => dense(run, grain, &mut word),
            Script::Letter | Script::Digit => latin(run, |text, _| word(text)),
        }
    }
}

fn dense(run: &str, grain: Grain, word: &mut impl FnMut(&str)) {
    if grain == Grain::Fine || run.chars().nth(1).is_none() {
        singles(run).for_each(&mut *word);
    }
    pairs(run).for_each(&mut *word);
    // A word of two characters is a pair.
    longer_words(run).for_each(word);
}

/// Each character of a run.
pub(crate) fn singles(run: &str) -> impl Iterator<Item = &str> {
    run.char_indices().map(|(at, c)| &run[at..at + c.len_utf8()])
}

/// Each pair of neighbours of a run.
pub(crate) fn pairs(run: &str) -> impl Iterator<Item = &str> {
    let ends = run.char_indices().skip(1).map(|(at, c)| at + c.len_utf8());
    run.char_indices().map(|(at, _)| at).zip(ends).map(|(start, end)| &run[start..end])
}

/// Words of the dictionary with more than two characters, those within longer ones too.
pub(crate) fn longer_words(run: &str) -> impl Iterator<Item = &str> {
    let words = JIEBA.cut_for_search(run, true).into_iter().map(|token| token.word);
    words.filter(|word| word.chars().nth(2).is_some()).map(|word| first_chars(word, WORD_CHARS))
}

/// Calls `word` with a run of letters and digits and whether it is a part that cannot be cut further.
pub(crate) fn latin(run: &str, mut word: impl FnMut(&str, bool)) {
    let run = first_chars(run, WORD_CHARS);
    let parts: Vec<&str> = runs(run, narrow).map(|(_, part)| part).collect();
    if parts.len() > 1 {
        word(run, false);
    }
    for part in parts {
        word(&stem(part), true);
    }
}

/// The stem of an English word; anything else as it is.
pub(crate) fn stem(word: &str) -> String {
    let english = word.len() >= STEMMED_FROM && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if english { STEMMER.stem(word).into_owned() } else { word.to_owned() }
}

/// Codes with hyphens, underscores or strokes, as one word without them. What has letters only is no code but a list.
pub(crate) fn codes(normal: &str) -> Vec<String> {
    let joined = |a: Script, b: Script| {
        let inside = |script| matches!(script, Script::Letter | Script::Digit | Script::Joint);
        inside(a) && inside(b)
    };
    let mut codes = Vec::new();
    for (_, run) in runs(normal, joined) {
        let bare: String = run.chars().filter(|c| !matches!(c, '-' | '_' | '/')).collect();
        let has = |kind: fn(char) -> bool| bare.contains(kind);
        if bare.len() < run.trim_matches(['-', '_', '/']).len() && has(char::is_numeric) && has(char::is_alphabetic) {
            codes.push(first_chars(&bare, WORD_CHARS).to_owned());
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, Grain::Fine, |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn examples() {
        for (text, expected) in [
            ("茶", "茶"),
            ("单丛", "单 丛 单丛"),
            ("手机壳", "手 机 壳 手机 机壳"),
            ("橄榄油", "橄 榄 油 橄榄 榄油 橄榄油"),
            ("iPhone15手机", "iphone15 iphon 15 手 机 手机"),
            ("ＩＰＨＯＮＥ１５", "iphone15 iphon 15"),
            ("CASE-15", "case15 case 15"),
            ("A/B 测试", "a b 测 试 测试"),
            ("running shoes", "run shoe"),
            ("500g×2", "500g 500 g 2"),
            ("1.8升", "1 8 升"),
            ("手機", "手 机 手机"),
            ("，。!? \u{0}「」---", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_description_is_cut_without_single_characters() {
        let mut words = Vec::new();
        each_word("橄榄油 茶", Grain::Coarse, |word| words.push(word.to_owned()));
        assert_eq!(words, ["橄榄", "榄油", "橄榄油", "茶"]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_panic_and_alike_once_normalised(text in any::<String>()) {
            let found = words(&text);
            for word in &found {
                prop_assert!(!word.is_empty() && word.chars().count() <= WORD_CHARS);
            }
            prop_assert_eq!(words(&normalised(&text)), found);
        }

        #[test]
        fn mixed_text_is_cut_without_panic(text in "[a-zA-Z0-9 茶几实木胡桃色手机壳繁體，/_-]{0,60}") {
            prop_assert_eq!(words(&normalised(&text)), words(&text));
        }
    }
}
