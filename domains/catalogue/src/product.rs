//! What a firm sells.

use crate::{
    options::ProductOptions,
    pricing::TaxClass,
    schedule::Schedule,
    stored_json::stored_as_json,
    texts::{Locale, MediaAlt},
    variant::{NewVariant, Variant},
};
use chrono::{DateTime, Utc};
use db::schema::products;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, prelude::*, sql_types::Jsonb};
use kernel::{
    ids::{CategoryId, FileId, ProductId},
    text_enum,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

text_enum! {
    /// Where a product stands.
    pub enum ProductStatus {
        /// Being written; nobody else sees it.
        Draft = "draft",
        /// On sale.
        Published = "published",
        /// Off sale for good.
        Archived = "archived",
    }
}

/// Title and description in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// The title.
    pub title: String,
    /// The description; empty if there is none in this language.
    #[serde(default)]
    pub description: String,
    /// Its name in addresses, unique in the firm and language; made from the title when the product is first published, if absent. An
    /// older one stays the product's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
}

/// Texts in languages beside the product's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(deny_unknown_fields)]
#[diesel(sql_type = Jsonb)]
pub struct Translations {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN", default, skip_serializing_if = "Option::is_none")]
    pub zh_cn: Option<Translation>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Translation>,
}

impl Translations {
    /// These texts; those without a name in addresses keep the one that they had.
    fn named_as(&self, before: &Self) -> Self {
        let named = |text: &Option<Translation>, before: &Option<Translation>| {
            let had = before.as_ref().and_then(|text| text.slug.clone());
            text.clone().map(|text| Translation { slug: text.slug.clone().or(had), ..text })
        };
        Self { zh_cn: named(&self.zh_cn, &before.zh_cn), en: named(&self.en, &before.en) }
    }

    /// Each translation with its language tag.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &Translation)> {
        let all = [("zh-CN", &self.zh_cn), ("en", &self.en)];
        all.into_iter().filter_map(|(tag, text)| text.as_ref().map(|text| (tag, text)))
    }
}

/// Free facts about a product: a JSON object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Jsonb)]
pub struct Attributes(pub serde_json::Map<String, serde_json::Value>);

/// Short texts by name: an integrator's notes, or a variant's options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Jsonb)]
pub struct TextMap(pub BTreeMap<String, String>);

stored_as_json!(Translations, Attributes, TextMap, ProductPatch);

/// What a seller writes about a product, apart from its variants.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = products, treat_none_as_null = true)]
pub struct Content {
    /// Whether the product, once published, appears in the market.
    pub listed: bool,
    /// The title.
    pub title: String,
    /// The description, plain text.
    pub description: String,
    /// The firm's own category.
    pub category_id: Option<CategoryId>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Free facts.
    pub attributes: Attributes,
    /// Texts in other languages.
    pub translations: Translations,
    /// Pictures and films, in order: the firm's own files.
    pub media: Vec<FileId>,
    /// The integrator's notes.
    pub metadata: TextMap,
    /// The matrix of which each variant is one point; empty if variants say freely what makes them different.
    pub options: ProductOptions,
    /// Which rate of value-added tax holds.
    pub tax_class: Option<TaxClass>,
    /// Whether prices contain the tax.
    pub tax_included: bool,
    /// The language of title and description.
    pub locale: Locale,
    /// Its name in addresses in that language.
    pub slug: Option<String>,
    /// What its pictures show.
    pub media_alt: MediaAlt,
}

/// A product with its variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Where it stands.
    pub status: ProductStatus,
    /// What its seller wrote.
    pub content: Content,
    /// What can be bought, in order.
    pub variants: Vec<Variant>,
    /// Counts the changes; starts at 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it goes on sale and off by itself.
    pub schedule: Schedule,
    /// What was written about it while it was on sale, and goes live when it is published again.
    pub change: Option<ProductPatch>,
}

/// A product as it is first written.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// The title, 1 to 200 characters.
    pub title: String,
    /// The description, plain text, at most 20,000 characters.
    #[serde(default)]
    pub description: String,
    /// Whether the product, once published, appears in the market; true if absent.
    pub listed: Option<bool>,
    /// The firm's own category.
    pub category_id: Option<CategoryId>,
    /// At most 50 words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// A JSON object of free facts, at most 16 KiB.
    #[serde(default)]
    pub attributes: Attributes,
    /// Texts in other languages.
    #[serde(default)]
    pub translations: Translations,
    /// At most 20 files of the firm, in the order they are shown.
    #[serde(default)]
    pub media: Vec<FileId>,
    /// At most 50 notes of 500 characters.
    #[serde(default)]
    pub metadata: TextMap,
    /// At most 5 options with at most 50 values each; each variant then is one point of the matrix. Without them variants say freely
    /// what makes them different.
    #[serde(default)]
    pub options: ProductOptions,
    /// Which rate of value-added tax holds; if absent, nothing is said of tax.
    pub tax_class: Option<TaxClass>,
    /// Whether prices contain the tax; true if absent. Otherwise it is added to them.
    pub tax_included: Option<bool>,
    /// The language of title and description; `zh-CN` if absent.
    pub locale: Option<Locale>,
    /// Its name in addresses in that language: small letters of any script, figures and single hyphens; unique in the firm. Made from the
    /// title when the product is first published, if absent. An older one stays the product's own.
    pub slug: Option<String>,
    /// What the files in `media` show, by their ids.
    #[serde(default)]
    pub media_alt: MediaAlt,
    /// At most 200 variants.
    #[serde(default)]
    pub variants: Vec<NewVariant>,
}

impl NewProduct {
    /// What is written, apart from the variants.
    pub(crate) fn content(&self) -> Content {
        Content {
            listed: self.listed.unwrap_or(true),
            title: self.title.trim().to_owned(),
            description: self.description.clone(),
            category_id: self.category_id,
            tags: self.tags.clone(),
            attributes: self.attributes.clone(),
            translations: self.translations.clone(),
            media: self.media.clone(),
            metadata: self.metadata.clone(),
            options: self.options.clone(),
            tax_class: self.tax_class,
            tax_included: self.tax_included.unwrap_or(true),
            locale: self.locale.unwrap_or(Locale::ZhCn),
            slug: self.slug.clone(),
            media_alt: self.media_alt.clone(),
        }
    }
}

/// Changes to a product; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(deny_unknown_fields)]
#[diesel(sql_type = Jsonb)]
pub struct ProductPatch {
    /// The title, 1 to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description, plain text, at most 20,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the product, once published, appears in the market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
    /// The firm's own category; null takes it away.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub category_id: Option<Option<CategoryId>>,
    /// At most 50 words to find it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// A JSON object of free facts, at most 16 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Attributes>,
    /// Texts in other languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translations: Option<Translations>,
    /// At most 20 files of the firm, in the order they are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<Vec<FileId>>,
    /// At most 50 notes of 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<TextMap>,
    /// At most 5 options with at most 50 values each; each variant is one point of the matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ProductOptions>,
    /// Which rate of value-added tax holds; null: nothing is said of tax.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub tax_class: Option<Option<TaxClass>>,
    /// Whether prices contain the tax. Otherwise it is added to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_included: Option<bool>,
    /// The language of title and description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Its name in addresses in that language, unique in the firm. An older one stays the product's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// What the files in `media` show, by their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_alt: Option<MediaAlt>,
    /// All variants, matched by SKU: known ones are changed, new ones added, missing ones withdrawn. `stock` is taken for
    /// new ones only; stock at hand is changed by adjustments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variants: Option<Vec<NewVariant>>,
}

impl ProductPatch {
    /// These changes on top of earlier ones.
    pub(crate) fn on_top_of(self, earlier: Self) -> Self {
        Self {
            title: self.title.or(earlier.title),
            description: self.description.or(earlier.description),
            listed: self.listed.or(earlier.listed),
            category_id: self.category_id.or(earlier.category_id),
            tags: self.tags.or(earlier.tags),
            attributes: self.attributes.or(earlier.attributes),
            translations: self.translations.or(earlier.translations),
            media: self.media.or(earlier.media),
            metadata: self.metadata.or(earlier.metadata),
            options: self.options.or(earlier.options),
            tax_class: self.tax_class.or(earlier.tax_class),
            tax_included: self.tax_included.or(earlier.tax_included),
            locale: self.locale.or(earlier.locale),
            slug: self.slug.or(earlier.slug),
            media_alt: self.media_alt.or(earlier.media_alt),
            variants: self.variants.or(earlier.variants),
        }
    }

    /// Whether both say something about the same.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let both = [
            self.title.is_some() && other.title.is_some(),
            self.description.is_some() && other.description.is_some(),
            self.listed.is_some() && other.listed.is_some(),
            self.category_id.is_some() && other.category_id.is_some(),
            self.tags.is_some() && other.tags.is_some(),
            self.attributes.is_some() && other.attributes.is_some(),
            self.translations.is_some() && other.translations.is_some(),
            self.media.is_some() && other.media.is_some(),
            self.metadata.is_some() && other.metadata.is_some(),
            self.options.is_some() && other.options.is_some(),
            self.tax_class.is_some() && other.tax_class.is_some(),
            self.tax_included.is_some() && other.tax_included.is_some(),
            self.locale.is_some() && other.locale.is_some(),
            self.slug.is_some() && other.slug.is_some(),
            self.media_alt.is_some() && other.media_alt.is_some(),
            self.variants.is_some() && other.variants.is_some(),
        ];
        both.contains(&true)
    }

    /// `content` with these changes.
    pub(crate) fn applied_to(&self, content: &Content) -> Content {
        let or = |new: &Option<String>, old: &String| new.as_ref().unwrap_or(old).clone();
        Content {
            listed: self.listed.unwrap_or(content.listed),
            title: or(&self.title, &content.title).trim().to_owned(),
            description: or(&self.description, &content.description),
            category_id: self.category_id.unwrap_or(content.category_id),
            tags: self.tags.as_ref().unwrap_or(&content.tags).clone(),
            attributes: self.attributes.as_ref().unwrap_or(&content.attributes).clone(),
            translations: self.translations.as_ref().unwrap_or(&content.translations).named_as(&content.translations),
            media: self.media.as_ref().unwrap_or(&content.media).clone(),
            metadata: self.metadata.as_ref().unwrap_or(&content.metadata).clone(),
            options: self.options.as_ref().unwrap_or(&content.options).clone(),
            tax_class: self.tax_class.unwrap_or(content.tax_class),
            tax_included: self.tax_included.unwrap_or(content.tax_included),
            locale: self.locale.unwrap_or(content.locale),
            slug: self.slug.as_ref().or(content.slug.as_ref()).cloned(),
            media_alt: self.media_alt.as_ref().unwrap_or(&content.media_alt).clone(),
        }
    }
}

/// Tells a null from a field that is absent.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
