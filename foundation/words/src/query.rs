//! What somebody looks for.

use crate::{
    cut::{self, JIEBA},
    normal::{Script, broad, first_chars, normalised, runs},
};

/// Characters of a query that are read.
const QUERY_CHARS: usize = 100;
/// What a whole word counts.
const WORD: u8 = 2;
/// What a pair of characters or a part of a word counts.
const PART: u8 = 1;

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// As it is written, normalised.
    pub text: String,
    /// Words that a text with this one has.
    pub needs: Vec<String>,
    /// Whether a text may be without it: a single character among longer words.
    pub optional: bool,
}

impl Unit {
    /// Whether it consists of letters and digits, and so may be a slip of the finger.
    pub fn is_latin(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

/// What somebody looks for, cut into words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Its words in order, each once.
    pub units: Vec<Unit>,
    /// Every word that counts for the rank, with what it counts.
    pub scored: Vec<(String, u8)>,
    /// Words that a text has in which the query stands as it is.
    pub phrase: Vec<String>,
}

impl Query {
    /// Cuts a text that somebody typed; what is beyond the first hundred characters is not read.
    pub fn of(text: &str) -> Self {
        let mut query = Self::default();
        let normal = normalised(first_chars(text, QUERY_CHARS));
        for code in cut::codes(&normal) {
            query.score(&code, WORD);
        }
        for (first, run) in runs(&normal, broad) {
            match first {
                Script::Joint | Script::Other => {}
                Script::Dense => query.add_dense(run),
                Script::Letter | Script::Digit => query.add_latin(run),
            }
        }
        let long = query.units.iter().any(|unit| unit.text.chars().nth(1).is_some());
        for unit in &mut query.units {
            unit.optional = long && unit.text.chars().nth(1).is_none() && !unit.is_latin();
        }
        query
    }

    fn add_dense(&mut self, run: &str) {
        for token in JIEBA.cut(run, true) {
            let needs: Vec<String> = if token.word.chars().nth(1).is_some() {
                cut::pairs(token.word).map(str::to_owned).collect()
            } else {
                vec![token.word.to_owned()]
            };
            let share = if needs.len() > 1 { PART } else { WORD };
            for need in &needs {
                self.score(need, share);
            }
            self.add(Unit { text: token.word.to_owned(), needs, optional: false });
        }
        for word in cut::longer_words(run) {
            self.score(word, WORD);
        }
        for pair in cut::pairs(run) {
            self.score(pair, PART);
            push_new(&mut self.phrase, pair.to_owned());
        }
        if run.chars().nth(1).is_none() {
            push_new(&mut self.phrase, run.to_owned());
        }
    }

    fn add_latin(&mut self, run: &str) {
        cut::latin(run, |word, part| {
            self.score(word, if part && word.len() < run.len() { PART } else { WORD });
            if part {
                push_new(&mut self.phrase, word.to_owned());
                self.add(Unit { text: word.to_owned(), needs: vec![word.to_owned()], optional: false });
            }
        });
    }

    fn add(&mut self, unit: Unit) {
        if !self.units.contains(&unit) {
            self.units.push(unit);
        }
    }

    fn score(&mut self, word: &str, share: u8) {
        match self.scored.iter_mut().find(|(known, _)| known == word) {
            Some((_, best)) => *best = share.max(*best),
            None => self.scored.push((word.to_owned(), share)),
        }
    }
}

fn push_new(words: &mut Vec<String>, word: String) {
    if !words.contains(&word) {
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grain, each_word};
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn examples() {
        for (text, units) in [
            ("iPhone15手机壳", "iphon 15 手机 壳"),
            ("凤凰单丛 500G", "凤凰 单丛 500 g"),
            ("　ＣＡＳＥ－１５", "case 15"),
            ("橄欖油", "橄榄油"),
            ("Shoes, shoes", "shoe"),
            ("，。", ""),
        ] {
            let found: Vec<String> = Query::of(text).units.into_iter().map(|unit| unit.text).collect();
            assert_eq!(found.join(" "), units, "{text}");
        }
    }

    #[test]
    fn a_single_character_among_longer_words_may_be_missing() {
        let optional = |text: &str| Query::of(text).units.iter().map(|unit| unit.optional).collect::<Vec<_>>();
        assert_eq!(optional("茶"), [false]);
        assert_eq!(optional("白色的手机"), [false, true, false]);
    }

    #[test]
    fn long_queries_are_read_at_their_beginning() {
        let query = Query::of(&"凤凰单丛手机壳 iphone ".repeat(1_000));
        assert!(query.units.len() < 12 && query.scored.len() < 60, "{query:?}");
    }

    proptest! {
        #[test]
        fn a_text_has_every_word_that_it_needs_as_a_query(text in "[a-zA-Z0-9 茶几实木胡桃色沙发手机壳繁體，-]{0,60}") {
            let mut words = HashSet::new();
            each_word(&text, Grain::Fine, |word| { words.insert(word.to_owned()); });
            let query = Query::of(&text);
            let needs = query.units.iter().flat_map(|unit| &unit.needs);
            for word in needs.chain(&query.phrase) {
                prop_assert!(words.contains(word), "{} of {}", word, text);
            }
        }

        #[test]
        fn any_query_is_cut_without_panic(text in any::<String>()) {
            for unit in Query::of(&text).units {
                prop_assert!(!unit.text.is_empty() && !unit.needs.is_empty());
            }
        }
    }
}
