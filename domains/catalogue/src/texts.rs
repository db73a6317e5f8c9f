//! What a product says in each language, and in which it really says it.

use crate::{
    product::Content,
    stored_json::stored_as_json,
    validate::{Faults, Rule},
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Jsonb};
use kernel::{
    ids::{FileId, ProductId},
    text_enum,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

text_enum! {
    /// A language of the platform.
    pub enum Locale {
        /// Simplified Chinese.
        ZhCn = "zh-CN",
        /// English.
        En = "en",
    }
}

/// Characters of a name in addresses.
const MAX_SLUG: usize = 80;
/// Characters of it that are taken from a title.
const SLUG_OF_TITLE: usize = 60;
/// Characters of the product's id behind them, so that two products of one title differ.
const SLUG_OF_ID: usize = 8;

/// What a picture shows, for those who do not see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AltText {
    /// In simplified Chinese, at most 200 characters.
    #[serde(rename = "zh-CN", default, skip_serializing_if = "Option::is_none")]
    pub zh_cn: Option<String>,
    /// In English, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// What the pictures of a product show, by the file's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Jsonb)]
pub struct MediaAlt(pub BTreeMap<FileId, AltText>);

stored_as_json!(MediaAlt);

/// What a product says to somebody who reads a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LocalText {
    /// The language in which it really is: the product's own where there is no translation.
    pub locale: Locale,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// Its name in addresses; none before it is first published.
    #[schema(required)]
    pub slug: Option<String>,
}

/// What a product says to readers of each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LocalTexts {
    /// To readers of simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: LocalText,
    /// To readers of English.
    pub en: LocalText,
}

impl LocalTexts {
    /// The translation into the language, else the product's own text, whole either way.
    pub fn of(content: &Content) -> Self {
        Self { zh_cn: text(content, Locale::ZhCn), en: text(content, Locale::En) }
    }
}

fn text(content: &Content, wanted: Locale) -> LocalText {
    let translation = match wanted {
        Locale::ZhCn => &content.translations.zh_cn,
        Locale::En => &content.translations.en,
    };
    match translation.as_ref().filter(|_| wanted != content.locale) {
        Some(text) => LocalText {
            locale: wanted,
            title: text.title.clone(),
            description: text.description.clone(),
            slug: text.slug.clone(),
        },
        None => LocalText {
            locale: content.locale,
            title: content.title.clone(),
            description: content.description.clone(),
            slug: content.slug.clone(),
        },
    }
}

/// The names in addresses that a product has, with their languages.
pub(crate) fn slugs(content: &Content) -> Vec<(Locale, &str)> {
    let own = content.slug.as_deref().map(|slug| (content.locale, slug));
    let zh = content.translations.zh_cn.as_ref().and_then(|text| text.slug.as_deref());
    let en = content.translations.en.as_ref().and_then(|text| text.slug.as_deref());
    let others = [(Locale::ZhCn, zh), (Locale::En, en)];
    let others = others.into_iter().filter(|(locale, _)| *locale != content.locale);
    own.into_iter().chain(others.filter_map(|(locale, slug)| slug.map(|slug| (locale, slug)))).collect()
}

/// The content with a name in addresses in each language that it has; `None` if it has them all.
pub(crate) fn with_slugs(content: &Content, id: ProductId) -> Option<Content> {
    let mut named = content.clone();
    let id = id.to_string();
    let end = &id[id.len() - SLUG_OF_ID..];
    named.slug.get_or_insert_with(|| slug_of(&content.title, end));
    for text in [&mut named.translations.zh_cn, &mut named.translations.en].into_iter().flatten() {
        let title = text.title.clone();
        text.slug.get_or_insert_with(|| slug_of(&title, end));
    }
    if named == *content { None } else { Some(named) }
}

fn slug_of(title: &str, end: &str) -> String {
    let lower = title.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() || c.is_uppercase()).filter(|word| !word.is_empty()).collect();
    let begin: String = words.join("-").chars().take(SLUG_OF_TITLE).collect();
    let begin = begin.trim_end_matches('-');
    if begin.is_empty() { format!("p-{end}") } else { format!("{begin}-{end}") }
}

fn is_slug(text: &str) -> bool {
    let letters = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase());
    text.chars().count() <= MAX_SLUG && text.split('-').all(letters)
}

/// Checks names in addresses and what pictures show.
pub(crate) fn check(faults: &mut Faults, content: &Content) {
    faults.check(content.slug.as_deref().is_none_or(is_slug), "/slug", Rule::Slug(MAX_SLUG));
    for (language, translation) in content.translations.each() {
        let fits = translation.slug.as_deref().is_none_or(is_slug);
        faults.check(fits, format!("/translations/{language}/slug"), Rule::Slug(MAX_SLUG));
    }
    for (file, text) in &content.media_alt.0 {
        let at = format!("/media_alt/{file}");
        faults.check(content.media.contains(file), at.clone(), Rule::AmongMedia);
        for (language, text) in [("zh-CN", &text.zh_cn), ("en", &text.en)] {
            faults.text(&format!("{at}/{language}"), text.as_deref().unwrap_or_default(), 200);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewProduct, Translation, Translations};
    use kernel::ids::Id;

    fn tea() -> Content {
        let en = Translation { title: "Phoenix Oolong, 500 g".into(), ..Translation::default() };
        let translations = Translations { zh_cn: None, en: Some(en) };
        NewProduct { title: "凤凰单丛 500g".into(), translations, ..NewProduct::default() }.content()
    }

    #[test]
    fn a_reader_is_told_in_which_language_a_text_really_is() {
        let texts = LocalTexts::of(&tea());
        assert_eq!((texts.en.locale, texts.en.title.as_str()), (Locale::En, "Phoenix Oolong, 500 g"));
        let plain = Content { translations: Translations::default(), ..tea() };
        let texts = LocalTexts::of(&plain);
        assert_eq!((texts.en.locale, texts.en.title.as_str()), (Locale::ZhCn, "凤凰单丛 500g"));
        let english = Content { locale: Locale::En, ..plain };
        assert_eq!(LocalTexts::of(&english).zh_cn.locale, Locale::En);
    }

    #[test]
    fn names_in_addresses_come_from_titles_and_stay() {
        let id = ProductId::new(chrono::DateTime::UNIX_EPOCH);
        let named = with_slugs(&tea(), id).unwrap();
        let end = id.to_string();
        let end = &end[22..];
        let slugs: Vec<_> = slugs(&named).into_iter().map(|(locale, slug)| (locale, slug.to_owned())).collect();
        assert_eq!(
            slugs,
            [(Locale::ZhCn, format!("凤凰单丛-500g-{end}")), (Locale::En, format!("phoenix-oolong-500-g-{end}"))]
        );
        assert!(slugs.iter().all(|(_, slug)| is_slug(slug)));
        assert_eq!(with_slugs(&named, id), None);
    }

    proptest::proptest! {
        #[test]
        fn a_name_made_of_any_title_is_one(title in ".{0,100}|[ϒ𝐍𝐄a茶 -]{0,100}") {
            proptest::prop_assert!(is_slug(&slug_of(&title, "abcdefgh")));
        }
    }

    #[test]
    fn slugs_are_small_letters_figures_and_single_hyphens() {
        for good in ["a", "茶-500g", "phoenix-oolong-1"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a b", "a/b", "a.b", &"a".repeat(81)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }
}
