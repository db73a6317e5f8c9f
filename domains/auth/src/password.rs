//! Which passwords may be chosen. Pure.

use kernel::secrets::Secret;
use unicode_normalization::UnicodeNormalization;

/// Fewest characters (code points) of a password.
const SHORTEST: usize = 8;
/// Most characters of a password.
const LONGEST: usize = 128;
/// Fewest different characters of a password.
const FEWEST_DIFFERENT: usize = 4;

/// What people choose most, and so what is tried first; found also with digits and marks around it.
const COMMON: &[&str] = &[
    "123456789",
    "1234567890",
    "12345678",
    "11111111",
    "00000000",
    "87654321",
    "88888888",
    "66666666",
    "5201314",
    "1q2w3e4r",
    "1qaz2wsx",
    "q1w2e3r4",
    "a1b2c3d4",
    "abc12345",
    "abcd1234",
    "aa123456",
    "qq123456",
    "abcdefg",
    "abcdefgh",
    "qwerty",
    "qwertyui",
    "qwertyuiop",
    "qwerty123",
    "qazwsx",
    "qazwsxedc",
    "asdfgh",
    "asdfghjk",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "pass",
    "passwort",
    "mima",
    "wode",
    "woaini",
    "woaini1314",
    "iloveyou",
    "welcome",
    "letmein",
    "admin",
    "administrator",
    "root",
    "changeme",
    "default",
    "secret",
    "test",
    "testtest",
    "guest",
    "login",
    "master",
    "monkey",
    "dragon",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "batman",
    "trustno1",
    "whatever",
    "starwars",
    "computer",
    "internet",
    "michael",
    "jennifer",
    "jordan",
    "shadow",
    "charlie",
    "google",
    "facebook",
    "alibaba",
    "taobao",
    "wechat",
    "weixin",
    "alipay",
    "zhongguo",
    "china",
    "shenzhen",
    "guangdong",
    "guangzhou",
    "smecloud",
    "sme",
    "cloud",
    "hello",
    "helloworld",
    "freedom",
    "flower",
    "lovely",
    "summer",
    "winter",
];

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
    /// Below 8 characters.
    #[error("at least 8 characters")]
    TooShort,
    /// Above 128 characters.
    #[error("at most 128 characters")]
    TooLong,
    /// Among the first that are tried.
    #[error("too easy to guess")]
    Common,
    /// The person's address or name, the firm's name or the product's.
    #[error("must not be your own or your company's name or address")]
    OwnName,
}

impl Password {
    /// A password entered to sign in. One that is too long for anybody to have chosen is none.
    pub fn entered(text: &str) -> Option<Self> {
        // At most four bytes a character: a megabyte is refused without being read.
        let fits = text.len() <= LONGEST * 4 && text.chars().count() <= LONGEST;
        fits.then(|| Self(Secret::new(text.nfkc().collect())))
    }

    /// A password to be chosen by somebody who goes by these names.
    pub fn chosen(text: &str, own_names: &[&str]) -> Result<Self, WeakPassword> {
        let password = Self::entered(text).ok_or(WeakPassword::TooLong)?;
        if text.chars().count() < SHORTEST {
            return Err(WeakPassword::TooShort);
        }
        let plain = password.expose().to_lowercase();
        if is_named(&plain, own_names) {
            return Err(WeakPassword::OwnName);
        }
        if is_common(&plain) { Err(WeakPassword::Common) } else { Ok(password) }
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Whether nothing but one of the names is left without marks and surrounding digits.
fn is_named(plain: &str, own_names: &[&str]) -> bool {
    let candidates = [letters_and_digits(plain), letters_and_digits(core(plain))];
    let names = own_names.iter().map(|name| letters_and_digits(&name.to_lowercase()));
    names.filter(|name| name.chars().count() >= 3).any(|name| candidates.contains(&name))
}

fn is_common(plain: &str) -> bool {
    let mut different: Vec<char> = plain.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < FEWEST_DIFFERENT || is_run(plain) || COMMON.contains(&plain) || COMMON.contains(&core(plain))
}

/// Whether each character is the one after the character before it, as in `23456789`.
fn is_run(plain: &str) -> bool {
    let codes: Vec<u32> = plain.chars().map(u32::from).collect();
    let rises = codes.windows(2).all(|pair| pair[1] == pair[0] + 1);
    rises || codes.windows(2).all(|pair| pair[0] == pair[1] + 1)
}

/// What is left without digits and marks at both ends.
fn core(plain: &str) -> &str {
    plain.trim_matches(|c: char| !c.is_alphabetic())
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: &[&str] = &["lin.mei@example.cn", "lin.mei", "Foshan Furniture", "林梅家具", "smecloud"];

    fn judge(text: &str) -> Option<WeakPassword> {
        Password::chosen(text, NAMES).err()
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert_eq!(judge("Xk7!vq2"), Some(WeakPassword::TooShort));
        assert_eq!(judge("Xk7!vq2p"), None);
        assert_eq!(judge("茶🍵壶杯水叶香味"), None);
        assert_eq!(judge("茶🍵壶杯水叶香"), Some(WeakPassword::TooShort));
        assert_eq!(judge(&"茶壶杯水".repeat(32)), None);
        assert_eq!(judge(&format!("{}x", "茶壶杯水".repeat(32))), Some(WeakPassword::TooLong));
        assert_eq!(judge(&"a".repeat(1_000_000)), Some(WeakPassword::TooLong));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
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
        ] {
            assert_eq!(judge(text), Some(WeakPassword::Common), "{text}");
        }
        for text in [
            "lin.mei@example.cn",
            "Lin.Mei@Example.CN",
            "foshanfurniture",
            "Foshan Furniture 2026!",
            "linmei99",
            "SMEcloud2026",
            "林梅家具12345",
        ] {
            assert_eq!(judge(text), Some(WeakPassword::OwnName), "{text}");
        }
        assert_eq!(judge("correct horse battery staple"), None);
    }

    proptest! {
        #[test]
        fn every_text_gets_an_answer_and_the_bounds_hold(text in "\\PC{0,140}") {
            let count = text.chars().count();
            match judge(&text) {
                None => prop_assert!((SHORTEST..=LONGEST).contains(&count)),
                Some(WeakPassword::TooShort) => prop_assert!(count < SHORTEST),
                Some(WeakPassword::TooLong) => prop_assert!(count > LONGEST),
                Some(WeakPassword::Common | WeakPassword::OwnName) => {}
            }
        }
    }
}
