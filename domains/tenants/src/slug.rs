use kernel::{base32, secrets::SecretError};

/// A firm's name in addresses: 3 to 60 of `a-z`, `0-9` and single inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug(String);

/// The longest slug made from a name; leaves room for a suffix.
const MADE_LENGTH: usize = 40;
/// Words that address parts of the platform itself.
const RESERVED: &[&str] =
    &["admin", "api", "app", "assets", "docs", "help", "shop", "smecloud", "static", "support", "www"];

impl Slug {
    /// The slug of a firm's name: its Latin letters and digits; if too few are left, `firm-` and six random characters.
    pub fn of_name(name: &str) -> Result<Self, SecretError> {
        let lower = name.to_lowercase();
        let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut text = String::new();
        for word in words {
            let joined = if text.is_empty() { word.to_owned() } else { format!("-{word}") };
            if text.len() + joined.len() > MADE_LENGTH {
                break;
            }
            text.push_str(&joined);
        }
        match text.parse() {
            Ok(slug) => Ok(slug),
            Err(_) => Self("firm".into()).with_suffix(),
        }
    }

    /// The same with six random characters behind it, for a slug that is taken.
    pub fn with_suffix(&self) -> Result<Self, SecretError> {
        let random = base32::encode(u128::from_be_bytes(kernel::secrets::random_bytes()?));
        let suffix = random.get(base32::LENGTH - 6..).unwrap_or_default();
        Ok(Self(format!("{}-{suffix}", self.0)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Slug {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let sound = (3..=60).contains(&text.len()) && text.split('-').all(is_word) && !RESERVED.contains(&text);
        if sound {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected 3 to 60 of a-z, 0-9 and single inner hyphens, and no reserved word")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_the_latin_words_of_a_name() {
        let of = |name: &str| Slug::of_name(name).unwrap().0;
        assert_eq!(of("Foshan  Lianhe Furniture Co., Ltd."), "foshan-lianhe-furniture-co-ltd");
        assert!(of("潮州茶业").starts_with("firm-"));
        assert!(of("Admin").starts_with("firm-"));
        assert_ne!(of("潮州茶业"), of("潮州茶业"));
    }

    proptest! {
        #[test]
        fn every_name_gives_a_slug_that_reads_back(name in "\\PC{0,80}") {
            let slug = Slug::of_name(&name).unwrap();
            prop_assert_eq!(slug.as_str().parse::<Slug>(), Ok(slug.clone()));
            prop_assert!(slug.with_suffix().unwrap().as_str().parse::<Slug>().is_ok());
        }
    }
}
