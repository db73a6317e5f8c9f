//! Titles, queries, and two words of each title.

use anyhow::Context;
use jieba_rs::Jieba;
use std::{fs, path::Path};

/// What is measured with.
pub(crate) struct Data {
    pub(crate) titles: Vec<String>,
    pub(crate) queries: Vec<String>,
    /// Two words of a title, and which title it is.
    pub(crate) known: Vec<(String, usize)>,
}

impl Data {
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let titles = lines(&folder.join("product_titles_zh.txt"))?;
        let jieba = Jieba::new();
        let known = titles.iter().enumerate().filter_map(|(at, title)| Some((two_words(&jieba, title, at)?, at)));
        Ok(Self { known: known.collect(), queries: lines(&folder.join("product_queries_zh.txt"))?, titles })
    }
}

fn lines(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Two different words of at least two characters; the same ones in each run, by chance that only depends on the place.
fn two_words(jieba: &Jieba, title: &str, at: usize) -> Option<String> {
    let word = |word: &str| word.chars().nth(1).is_some() && word.chars().all(char::is_alphanumeric);
    let mut words: Vec<&str> =
        jieba.cut(title, true).into_iter().map(|token| token.word).filter(|text| word(text)).collect();
    words.sort_unstable();
    words.dedup();
    let mut chance = at as u64 + 1;
    let mut below = |limit: usize| {
        // Knuth's generator.
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(chance >> 33).unwrap_or_default() % limit
    };
    if words.len() < 2 {
        return None;
    }
    let first = words.swap_remove(below(words.len()));
    Some(format!("{first} {}", words[below(words.len())]))
}
