//! The two languages of the platform's words.

use super::Words;

/// The language of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// The best of the two for an `Accept-Language` header; English if it asks for neither.
    pub fn accepted(header: &str) -> Self {
        header
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';');
                let tag = parts.next()?.trim().to_ascii_lowercase();
                let language = match tag.split('-').next()? {
                    "zh" => Self::Chinese,
                    "en" => Self::English,
                    _ => return None,
                };
                Some((language, quality(parts.next())))
            })
            .filter(|(_, quality)| *quality > 0)
            // The first of equals wins, as the header is written in the order of preference.
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map_or(Self::English, |(language, _)| language)
    }

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The words in this language.
    pub const fn of(self, words: Words) -> &'static str {
        match self {
            Self::English => words.en,
            Self::Chinese => words.zh,
        }
    }
}

/// `q=0.8` as 800; 1000 when absent, 0 when malformed.
fn quality(parameter: Option<&str>) -> u32 {
    let Some(text) = parameter else { return 1000 };
    let Some(value) = text.trim().strip_prefix("q=") else { return 0 };
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    format!("{whole}{part:0<3}").parse().unwrap_or_default()
}

/// Words about one occurrence, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    en: String,
    zh: String,
}

impl Text {
    /// English and Simplified Chinese.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

impl From<Words> for Text {
    fn from(words: Words) -> Self {
        Self::new(words.en, words.zh)
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, Chinese, English};

    #[test]
    fn the_preferred_of_the_two_is_chosen() {
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Chinese),
            ("en-GB,en;q=0.9,zh;q=0.8", English),
            ("fr, zh;q=0.4, en;q=0.5", English),
            ("fr, zh-TW;q=0.4", Chinese),
            ("zh;q=0, en;q=0.1", English),
            ("", English),
            ("*;;;,=,zh;q=x", English),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }
}
