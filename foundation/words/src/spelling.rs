//! Words that differ by a slip of the finger.

use std::collections::BTreeSet;

/// Letters and digits of words that are forgiven a slip; in shorter ones it makes another word.
const FORGIVEN: std::ops::RangeInclusive<usize> = 4..=24;

/// The word and all that is left of it when one character is missing: two words with one in common differ by a slip. None for
/// words that are too short, too long, or not of letters and digits.
pub fn spellings(word: &str) -> BTreeSet<String> {
    if !FORGIVEN.contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return BTreeSet::new();
    }
    let without = |at: usize| [&word[..at], &word[at + 1..]].concat();
    (0..word.len()).map(without).chain([word.to_owned()]).collect()
}

/// How many characters must be changed, added, taken away or swapped with a neighbour to make one word of the other.
pub fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(a != b);
            let mut fewest = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && *a == other[column - 1] && one[row - 1] == *b {
                fewest = fewest.min(before[column - 1] + 1);
            }
            next.push(fewest);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slips_are_near() {
        for (one, other, expected) in [
            ("iphone", "ihpone", 1),
            ("iphone", "iphon", 1),
            ("iphone", "iphonee", 1),
            ("iphone", "iphqne", 1),
            ("case15", "case51", 1),
            ("abc", "", 3),
            ("tea", "tee", 1),
            ("tea", "eat", 2),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
        assert!(spellings("tea").is_empty() && spellings("手机保护壳").is_empty());
    }

    proptest! {
        #[test]
        fn one_slip_leaves_a_spelling_in_common(word in "[a-z0-9]{4,12}", at in 0_usize..12, letter in "[a-z0-9]", kind in 0..4) {
            let mut slipped: Vec<char> = word.chars().collect();
            let at = at % word.len();
            let letter = letter.chars().next().unwrap();
            match kind {
                0 => { slipped.remove(at); }
                1 => slipped.insert(at, letter),
                2 => slipped[at] = letter,
                _ => slipped.swap(at, (at + 1) % word.len().max(1)),
            }
            let slipped: String = slipped.into_iter().collect();
            let near = distance(&word, &slipped);
            if near <= 1 && slipped.len() >= 4 {
                prop_assert!(!spellings(&word).is_disjoint(&spellings(&slipped)), "{word} {slipped}");
            }
            prop_assert_eq!(near, distance(&slipped, &word));
        }
    }
}
