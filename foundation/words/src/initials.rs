//! Chinese words by the first letters of their pronunciation.

use crate::{
    cut::JIEBA,
    normal::{Script, broad, normalised, runs},
};
use pinyin::ToPinyin;

/// Stands before initials, so that they are no letters that somebody wrote.
pub const INITIALS: &str = "~";
/// The most initials of one word.
const LONGEST: usize = 8;

/// The initials of a text: of a Chinese character the first letter of its pronunciation, of a letter or digit itself.
pub fn initials(text: &str) -> String {
    let letter = |c: char| match c.to_pinyin() {
        Some(pinyin) => pinyin.plain().chars().next(),
        None => c.is_ascii_alphanumeric().then_some(c),
    };
    normalised(text).chars().filter_map(letter).collect()
}

/// Calls `word` with the initials, behind [`INITIALS`], of every Chinese word of a text and of every two neighbours.
pub fn each_initials(text: &str, mut word: impl FnMut(&str)) {
    for (first, run) in runs(&normalised(text), broad) {
        if first != Script::Dense {
            continue;
        }
        let words: Vec<String> = JIEBA.cut(run, true).iter().map(|token| initials(token.word)).collect();
        let neighbours = words.windows(2).map(<[String]>::concat);
        for letters in words.iter().cloned().chain(neighbours) {
            if (2..=LONGEST).contains(&letters.len()) {
                word(&format!("{INITIALS}{letters}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_neighbours_have_initials() {
        assert_eq!(initials("凤凰单丛 500g"), "fhdc500g");
        let mut found = Vec::new();
        each_initials("橄榄油 礼盒 gift", |word| found.push(word.to_owned()));
        assert_eq!(found, ["~gly", "~lh"]);
        found.clear();
        each_initials("手机保护", |word| found.push(word.to_owned()));
        assert_eq!(found, ["~sj", "~bh", "~sjbh"]);
    }
}
