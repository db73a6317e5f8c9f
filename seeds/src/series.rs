//! Products that differ in two things, such as material and size: one text, and a product for each pair.

use crate::data::Product;
use catalogue::{Attributes, NewVariant, ProductStatus, Translation};
use kernel::Currency;
use serde::Deserialize;

/// One of the things in which products differ: Chinese, English, its part of the code, percent of the price.
#[derive(Debug, Deserialize)]
struct Choice(String, String, String, i64);

/// A series, in whose texts `{0}` and `{1}` stand for the two choices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Series {
    picture: String,
    sku: String,
    title: String,
    description: String,
    tags: Vec<String>,
    english: String,
    about: String,
    unit: String,
    price_minor: i64,
    weight_grams: i64,
    stock: i64,
    first: Vec<Choice>,
    second: Vec<Choice>,
}

impl Series {
    /// Its products.
    pub(crate) fn products(&self) -> impl Iterator<Item = Product> {
        self.first.iter().flat_map(move |first| self.second.iter().map(move |second| self.product(first, second)))
    }

    fn product(&self, first: &Choice, second: &Choice) -> Product {
        let chinese = |text: &str| text.replace("{0}", &first.0).replace("{1}", &second.0);
        let english = |text: &str| capital(&text.replace("{0}", &first.1).replace("{1}", &second.1));
        Product {
            picture: self.picture.clone(),
            title: chinese(&self.title),
            description: chinese(&self.description),
            tags: self.tags.clone(),
            attributes: Attributes::default(),
            en: Translation {
                title: english(&self.english),
                description: english(&self.about),
                ..Translation::default()
            },
            state: ProductStatus::Published,
            variants: vec![self.variant(first, second)],
        }
    }

    fn variant(&self, first: &Choice, second: &Choice) -> NewVariant {
        // Prices end in whole yuan.
        let price = self.price_minor * first.3 * second.3 / 1_000_000 * 100;
        NewVariant {
            unit: Some(self.unit.clone()),
            weight_grams: Some(self.weight_grams * second.3 / 100),
            stock: Some(self.stock),
            low_stock_at: Some(self.stock / 10),
            ..NewVariant::new(format!("{}-{}-{}", self.sku, first.2, second.2), price, Currency::Cny)
        }
    }
}

/// A text that begins with a capital letter.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
