//! Which passwords may be chosen. Pure.

use kernel::secrets::Secret;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, zxcvbn};

/// Fewest characters (code points) of a person's password.
const SHORTEST: usize = 8;
/// Fewest characters of an administrator's password.
const SHORTEST_OF_ADMINISTRATORS: usize = 15;
/// Most characters of a password.
const LONGEST: usize = 128;
/// What zxcvbn must think of a password: more than 10^8 guesses.
const LEAST: Score = Score::Three;
/// Words that everybody who attacks this platform tries.
const PRODUCT: [&str; 4] = ["SME Cloud", "smecloud", "sme", "cloud"];

/// A password as somebody entered it, normalised (NFKC), so that it does not depend on the keyboard that wrote it.
#[derive(Clone)]
pub struct Password(Secret);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[password]")
    }
}

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Not long enough.
    #[error("at least {least} characters")]
    TooShort {
        /// Fewest characters.
        least: usize,
    },
    /// Above 128 characters.
    #[error("at most 128 characters")]
    TooLong,
    /// Guessed too soon.
    #[error("too easy to guess")]
    Guessable,
    /// Guessed too soon by somebody who knows the person, the firm or the product.
    #[error("too easy to guess for somebody who knows your or your company's name or address")]
    OwnName,
}

impl Password {
    /// A password entered to sign in. One that is too long for anybody to have chosen is none.
    pub fn entered(text: &str) -> Option<Self> {
        // At most four bytes a character: a megabyte is refused without being read.
        let fits = text.len() <= LONGEST * 4 && text.chars().count() <= LONGEST;
        fits.then(|| Self(Secret::new(text.nfkc().collect())))
    }

    /// A password to be chosen by a person who goes by these names.
    pub fn chosen(text: &str, own_names: &[&str]) -> Result<Self, WeakPassword> {
        Self::judged(text, own_names, SHORTEST)
    }

    /// A password to be chosen by an administrator of the platform who goes by these names.
    pub fn chosen_by_administrator(text: &str, own_names: &[&str]) -> Result<Self, WeakPassword> {
        Self::judged(text, own_names, SHORTEST_OF_ADMINISTRATORS)
    }

    fn judged(text: &str, own_names: &[&str], least: usize) -> Result<Self, WeakPassword> {
        let password = Self::entered(text).ok_or(WeakPassword::TooLong)?;
        if text.chars().count() < least {
            return Err(WeakPassword::TooShort { least });
        }
        let names = own_words(own_names);
        if is_little_but_names(password.expose(), &names) {
            return Err(WeakPassword::OwnName);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if zxcvbn(password.expose(), &names).score() >= LEAST {
            return Ok(password);
        }
        let guessable = zxcvbn(password.expose(), &[]).score() < LEAST;
        Err(if guessable { WeakPassword::Guessable } else { WeakPassword::OwnName })
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The names whole, without spaces and marks, and word by word.
fn own_words(names: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for name in names.iter().chain(&PRODUCT) {
        let name = name.nfkc().collect::<String>().to_lowercase();
        words.push(name.chars().filter(|c| c.is_alphanumeric()).collect());
        words.extend(
            name.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1).map(str::to_owned),
        );
        words.push(name);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a text is made of own names with less than a password beside them, such as a year and a mark.
fn is_little_but_names(text: &str, names: &[String]) -> bool {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect();
    // Two Latin letters are in many words.
    let telling = |name: &&String| name.chars().count() >= if name.is_ascii() { 3 } else { 2 };
    let mut names: Vec<&String> = names.iter().filter(telling).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let rest = names.into_iter().fold(folded.clone(), |rest, name| rest.replace(name.as_str(), ""));
    rest != folded && rest.chars().count() < SHORTEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: &[&str] = &["lin.mei@example.cn", "lin.mei", "Foshan Furniture", "林梅家具"];

    fn judge(text: &str) -> Option<WeakPassword> {
        Password::chosen(text, NAMES).err()
    }

    #[test]
    fn a45_length_counts_characters_not_bytes() {
        let short = Some(WeakPassword::TooShort { least: 8 });
        assert_eq!(judge("Xk7!vq2"), short);
        assert_eq!(judge("茶🍵壶杯水叶香"), short);
        assert_eq!(judge("茶🍵壶杯水叶香味道"), None);
        assert_eq!(judge("Xk7!vq2p#"), None);
        let long: String = ('一'..).step_by(97).take(128).collect();
        assert_eq!(judge(&long), None);
        assert_eq!(judge(&format!("{long}x")), Some(WeakPassword::TooLong));
        assert_eq!(judge(&"a".repeat(1_000_000)), Some(WeakPassword::TooLong));
        let administrators = |text| Password::chosen_by_administrator(text, NAMES).err();
        assert_eq!(administrators("granite lan 41"), Some(WeakPassword::TooShort { least: 15 }));
        assert_eq!(administrators("granite lant 41"), None);
    }

    #[test]
    fn a47_what_is_tried_first_is_refused() {
        for text in [
            "password1234567",
            "12345678",
            "23456789",
            "87654321",
            "aaaaaaaa",
            "Passw0rd",
            "Qwerty123!",
            "abababab",
            "admin1234",
            "woaini1314",
            "1qaz2wsx",
            "5201314520",
            "iloveyou",
            "princess1",
            "sunshine",
            "football",
            "baseball1",
            "superman",
            "trustno1",
            "starwars",
            "computer",
            "internet",
            "whatever",
            "jennifer",
            "michael1",
            "corvette",
            "mercedes",
            "20261125",
            "茶茶茶茶茶茶茶茶茶",
        ] {
            assert_eq!(judge(text), Some(WeakPassword::Guessable), "{text}");
        }
        for text in ["correct horse battery staple", "lychee-harbour-2026", "phoenix-oolong-7", "soldering-iron-9"] {
            assert_eq!(judge(text), None, "{text}");
        }
    }

    #[test]
    fn a48_names_of_person_firm_and_product_are_refused() {
        for text in [
            "lin.mei@example.cn",
            "Lin.Mei@Example.CN",
            "foshanfurniture",
            "Foshan Furniture 2026!",
            "SMEcloud2026",
            "林梅家具12345",
        ] {
            let refused = judge(text);
            assert!(matches!(refused, Some(WeakPassword::OwnName | WeakPassword::Guessable)), "{text}: {refused:?}");
        }
        assert_eq!(judge("Foshan Furniture 2026!"), Some(WeakPassword::OwnName));
    }

    proptest! {
        #[test]
        fn every_text_gets_an_answer_and_the_bounds_hold(text in "\\PC{0,140}") {
            let count = text.chars().count();
            match judge(&text) {
                None => prop_assert!((SHORTEST..=LONGEST).contains(&count)),
                Some(WeakPassword::TooShort { least }) => prop_assert!(count < least),
                Some(WeakPassword::TooLong) => prop_assert!(count > LONGEST),
                Some(WeakPassword::Guessable | WeakPassword::OwnName) => {}
            }
        }
    }
}
