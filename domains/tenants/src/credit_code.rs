use kernel::text_enum;

/// A text cannot be a unified social credit code at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 18 letters and digits")]
pub struct MalformedCreditCode;

text_enum! {
    /// What is odd about a registration number. Codes of early pilots are odd and real, so a person looks at them.
    pub enum CreditCodeWarning {
        /// It has a letter that is not used: I, O, S, V or Z.
        UnusedLetter = "unused_letter",
        /// Its last character does not fit the others.
        CheckCharacter = "check_character",
    }
}

/// A firm's registration number, the unified social credit code (GB 32100-2015): 17 characters and one that checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditCode(String);

/// Digits and capital letters without I, O, S, V and Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const LENGTH: usize = 18;

impl CreditCode {
    /// The text: capital letters and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is odd about it; nothing about most.
    pub fn warnings(&self) -> Vec<CreditCodeWarning> {
        let values = self.0.bytes().map(|byte| ALPHABET.iter().position(|letter| *letter == byte));
        let Some(values) = values.collect::<Option<Vec<usize>>>() else { return vec![CreditCodeWarning::UnusedLetter] };
        match values.split_last() {
            Some((check, body)) if *check == check_value(body) => Vec::new(),
            _ => vec![CreditCodeWarning::CheckCharacter],
        }
    }
}

impl std::str::FromStr for CreditCode {
    type Err = MalformedCreditCode;

    /// Normalises: no surrounding space, full-width characters as ordinary ones, capitals. A letter O stays a letter O.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let narrow: String = text.chars().map(narrow).collect();
        let code = narrow.trim().to_ascii_uppercase();
        let sound = code.len() == LENGTH && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if sound { Ok(Self(code)) } else { Err(MalformedCreditCode) }
    }
}

/// The ordinary form of a full-width character.
fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

/// The i-th character weighs 3^i modulo 31; all eighteen together give zero modulo 31. The outer remainder matters: a sum
/// that 31 divides has the check character 0.
fn check_value(body: &[usize]) -> usize {
    let (sum, _) = body.iter().fold((0, 1), |(sum, weight), digit| (sum + digit * weight, weight * 3 % 31));
    (31 - sum % 31) % 31
}

#[cfg(test)]
mod tests {
    use super::{CreditCodeWarning::*, *};
    use proptest::prelude::*;

    fn warnings(text: &str) -> Option<Vec<CreditCodeWarning>> {
        text.parse::<CreditCode>().ok().map(|code| code.warnings())
    }

    #[test]
    fn published_codes_are_sound() {
        for code in [
            "91110000600037341L",
            "91440300708461136T",
            "91330100799655058B",
            "11320000MB151840XJ",
            "91350100M000100Y43",
            "9131000063159284XQ",
            "914403001922038216",
            // The sum is 1178, which 31 divides.
            "91440101MA50000230",
        ] {
            assert_eq!(warnings(code), Some(vec![]), "{code}");
        }
    }

    #[test]
    fn codes_that_fail_the_check_are_warned_of_and_kept_real_ones_among_them() {
        for code in [
            "91350100M000100Y4Z",
            "91350100M000100Y44",
            "91350100M0001TGQXM",
            "91350211M0000XUF46",
            "91350203M0001FUE2P",
        ] {
            assert_eq!(warnings(code).map(|found| found.len()), Some(1), "{code}");
            assert_eq!(code.parse::<CreditCode>().unwrap().as_str(), code);
        }
        assert_eq!(warnings("91350100M0001TGQXM"), Some(vec![CheckCharacter]));
        assert_eq!(warnings("91350100M000100Y4Z"), Some(vec![UnusedLetter]));
    }

    #[test]
    fn spellings_of_one_code_are_equal_and_an_o_is_no_zero() {
        let code: CreditCode = "91440300708461136T".parse().unwrap();
        for spelling in
            [" 91440300708461136t\n", "９１４４０３００７０８４６１１３６Ｔ", "\u{3000}91440300708461136ｔ\u{3000}"]
        {
            assert_eq!(spelling.parse(), Ok(code.clone()), "{spelling:?}");
        }
        let typo: CreditCode = "9144O300708461136T".parse().unwrap();
        assert_eq!((typo.as_str(), typo.warnings()), ("9144O300708461136T", vec![UnusedLetter]));
    }

    #[test]
    fn what_has_another_form_is_no_code() {
        for text in [
            "",
            "91440300708461136",
            "91440300708461136TT",
            "9144 300708461136T",
            "91440300708461136é",
            "9144-300708461136T",
        ] {
            assert_eq!(warnings(text), None, "{text}");
        }
    }

    #[test]
    fn every_changed_character_and_every_adjacent_swap_is_found() {
        let code = "91440300708461136T";
        for position in 0..LENGTH {
            for letter in ALPHABET {
                let mut changed = code.as_bytes().to_vec();
                changed[position] = *letter;
                let changed = String::from_utf8(changed).unwrap();
                assert_eq!(warnings(&changed), Some(if changed == code { vec![] } else { vec![CheckCharacter] }));
            }
            let mut swapped = code.as_bytes().to_vec();
            swapped.swap(position, (position + 1).min(LENGTH - 1));
            let swapped = String::from_utf8(swapped).unwrap();
            assert_eq!(warnings(&swapped).unwrap().is_empty(), swapped == code, "{swapped}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_reads_back_the_same(text in "\\PC{0,24}") {
            if let Ok(code) = text.parse::<CreditCode>() {
                prop_assert_eq!(code.as_str().parse(), Ok(code.clone()));
            }
        }
    }
}
