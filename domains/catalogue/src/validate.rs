//! What a product must look like. Pure; every fault is found at once and names its place.

use crate::{
    categories::AttributeKind,
    gtin,
    options::{self, ProductOptions},
    price_lists::AgreedPrice,
    product::{Attributes, Content, TextMap},
    stock::Adjustment,
    texts,
    variant::{NewVariant, PriceTier},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// Prices in minor units and quantities stay below these, so that their products fit 64 bits for any order.
const MAX_PRICE: i64 = 100_000_000_000;
const MAX_QUANTITY: i64 = 10_000_000;
const MAX_ATTRIBUTES_BYTES: usize = 16 * 1024;
const MAX_ATTRIBUTES_DEPTH: usize = 4;

/// One thing wrong with what a seller wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer to the value.
    pub pointer: String,
    /// The rule that it breaks.
    pub rule: Rule,
}

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// At least so many characters.
    AtLeastChars(usize),
    /// At most so many characters.
    AtMostChars(usize),
    /// At most so many bytes of JSON.
    AtMostBytes(usize),
    /// Nested at most so deep.
    AtMostDeep(usize),
    /// At most so many entries.
    AtMostEntries(usize),
    /// Without control characters.
    NoControlCharacters,
    /// Without space before or after.
    NoSurroundingSpace,
    /// Between two numbers, both included.
    Between(i64, i64),
    /// Not zero.
    NotZero,
    /// A multiple of this increment.
    MultipleOf(i64),
    /// Named once.
    Once,
    /// In the currency of the first variant.
    OneCurrency,
    /// 8, 12, 13 or 14 digits of which the last one checks the others.
    CheckDigit,
    /// More than on the rung before.
    RisingQuantity,
    /// No more than on the rung before.
    NotRisingPrice,
    /// One of the firm's own.
    Own,
    /// At least one entry.
    NotEmpty,
    /// Given if the product has options: one value of each, and no other.
    OnePointOfTheMatrix,
    /// Without a group beside it.
    NotWithGroup,
    /// After the beginning.
    LaterThanBeginning,
    /// At least the least quantity.
    AtLeastMinimum,
    /// So many digits.
    Digits(usize, usize),
    /// Two capital letters.
    CountryCode,
    /// A value of this kind.
    OfKind(AttributeKind),
    /// Said at all.
    Required,
    /// For attributes that are numbers.
    ForNumbers,
    /// For attributes that are enums, which have at least one.
    ForEnums,
    /// Not in itself.
    NotInItself,
    /// Another location than the first.
    AnotherLocation,
    /// Later than now.
    InTheFuture,
    /// Small letters, figures and single hyphens, at most so many.
    Slug(usize),
    /// One of the product's media.
    AmongMedia,
}

impl Rule {
    /// What is wrong, as a word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AtLeastChars(_) => "too_short",
            Self::AtMostChars(_) | Self::AtMostBytes(_) => "too_long",
            Self::AtMostDeep(_) => "too_deep",
            Self::AtMostEntries(_) => "too_many",
            Self::NoControlCharacters => "control_character",
            Self::NoSurroundingSpace => "surrounding_space",
            Self::Between(..) => "out_of_range",
            Self::NotZero => "zero",
            Self::MultipleOf(_) => "not_a_multiple",
            Self::Once => "duplicate",
            Self::OneCurrency => "currency_mismatch",
            Self::CheckDigit => "bad_check_digit",
            Self::RisingQuantity => "not_rising",
            Self::NotRisingPrice => "rising_price",
            Self::Own => "unknown",
            Self::NotEmpty => "empty",
            Self::OnePointOfTheMatrix => "not_in_matrix",
            Self::NotWithGroup => "buyer_and_group",
            Self::LaterThanBeginning => "ends_before_it_begins",
            Self::AtLeastMinimum => "below_minimum",
            Self::Digits(..) => "not_digits",
            Self::CountryCode => "not_a_country",
            Self::OfKind(_) => "wrong_kind",
            Self::Required => "required",
            Self::ForNumbers => "only_for_numbers",
            Self::ForEnums => "only_for_enums",
            Self::NotInItself => "in_itself",
            Self::AnotherLocation => "same_location",
            Self::InTheFuture => "in_the_past",
            Self::Slug(_) => "not_a_slug",
            Self::AmongMedia => "not_among_media",
        }
    }
}

/// Faults of what a seller wrote.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// The faults found so far as an error.
    pub(crate) fn result(self) -> Result<(), Vec<Fault>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }

    /// Notes the broken rule unless all is well.
    pub(crate) fn check(&mut self, ok: bool, pointer: impl Into<String>, rule: Rule) {
        if !ok {
            self.0.push(Fault { pointer: pointer.into(), rule });
        }
    }

    /// A text of one line, between `least` and `most` characters, without control characters.
    pub(crate) fn line(&mut self, pointer: &str, text: &str, least: usize, most: usize) {
        let length = text.trim().chars().count();
        self.check(length >= least, pointer, Rule::AtLeastChars(least));
        self.check(text.chars().count() <= most, pointer, Rule::AtMostChars(most));
        self.check(!text.chars().any(char::is_control), pointer, Rule::NoControlCharacters);
    }

    /// A text of several lines.
    pub(crate) fn text(&mut self, pointer: &str, text: &str, most: usize) {
        self.check(text.chars().count() <= most, pointer, Rule::AtMostChars(most));
        let clean = !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        self.check(clean, pointer, Rule::NoControlCharacters);
    }

    pub(crate) fn count(&mut self, pointer: &str, count: usize, most: usize) {
        self.check(count <= most, pointer, Rule::AtMostEntries(most));
    }

    pub(crate) fn range(&mut self, pointer: String, value: i64, least: i64, most: i64) {
        self.check((least..=most).contains(&value), pointer, Rule::Between(least, most));
    }

    /// Checks a change of stock.
    pub(crate) fn adjustment(&mut self, adjustment: &Adjustment) {
        self.check(adjustment.delta != 0, "/delta", Rule::NotZero);
        self.line("/reason", &adjustment.reason, 1, 500);
    }

    fn text_map(&mut self, pointer: &str, map: &TextMap, most: usize) {
        self.count(pointer, map.0.len(), most);
        for (name, text) in &map.0 {
            self.line(pointer, name, 1, 40);
            self.text(&format!("{pointer}/{}", escape(name)), text, 500);
        }
    }
}

/// Checks everything but the variants.
pub(crate) fn content(faults: &mut Faults, content: &Content) {
    faults.line("/title", &content.title, 1, 200);
    faults.text("/description", &content.description, 20_000);
    faults.count("/tags", content.tags.len(), 50);
    for (index, tag) in content.tags.iter().enumerate() {
        faults.line(&format!("/tags/{index}"), tag, 1, 40);
    }
    for (language, translation) in content.translations.each() {
        faults.line(&format!("/translations/{language}/title"), &translation.title, 1, 200);
        faults.text(&format!("/translations/{language}/description"), &translation.description, 20_000);
    }
    attributes(faults, &content.attributes);
    faults.count("/media", content.media.len(), 20);
    let different: HashSet<_> = content.media.iter().collect();
    faults.check(different.len() == content.media.len(), "/media", Rule::Once);
    faults.text_map("/metadata", &content.metadata, 50);
    options::check(faults, &content.options);
    texts::check(faults, content);
}

fn attributes(faults: &mut Faults, attributes: &Attributes) {
    let bytes = serde_json::to_vec(attributes).map_or(usize::MAX, |bytes| bytes.len());
    faults.check(bytes <= MAX_ATTRIBUTES_BYTES, "/attributes", Rule::AtMostBytes(MAX_ATTRIBUTES_BYTES));
    let shallow = attributes.0.values().all(|value| depth_within(value, MAX_ATTRIBUTES_DEPTH));
    faults.check(shallow, "/attributes", Rule::AtMostDeep(MAX_ATTRIBUTES_DEPTH));
    let clean = attributes.0.iter().all(|(name, value)| !name.contains('\0') && !has_null_character(value));
    faults.check(clean, "/attributes", Rule::NoControlCharacters);
}

fn depth_within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| depth_within(item, levels - 1)),
        Value::Object(fields) => levels > 0 && fields.values().all(|field| depth_within(field, levels - 1)),
        _ => true,
    }
}

/// PostgreSQL stores no U+0000.
fn has_null_character(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_null_character),
        Value::Object(fields) => fields.iter().any(|(name, field)| name.contains('\0') || has_null_character(field)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Checks the variants of one product with these options.
pub(crate) fn variants(faults: &mut Faults, options: &ProductOptions, variants: &[NewVariant]) {
    faults.count("/variants", variants.len(), 200);
    let mut skus = HashSet::new();
    for (index, variant) in variants.iter().enumerate() {
        let at = format!("/variants/{index}");
        faults.check(skus.insert(&variant.sku), format!("{at}/sku"), Rule::Once);
        let one_currency = variant.currency == variants[0].currency;
        faults.check(one_currency, format!("{at}/currency"), Rule::OneCurrency);
        one_variant(faults, &at, variant);
    }
    options::check_points(faults, options, variants);
}

fn one_variant(faults: &mut Faults, at: &str, variant: &NewVariant) {
    faults.line(&format!("{at}/sku"), &variant.sku, 1, 64);
    let trimmed = variant.sku.trim() == variant.sku;
    faults.check(trimmed, format!("{at}/sku"), Rule::NoSurroundingSpace);
    faults.text_map(&format!("{at}/options"), &variant.options, 10);
    faults.range(format!("{at}/price_minor"), variant.price_minor, 1, MAX_PRICE);
    let may_rise = variant.price_may_rise.unwrap_or_default();
    ladder(faults, at, (variant.price_minor, &variant.price_tiers.0, may_rise));
    quantities(faults, at, (variant.minimum(), variant.max_order_quantity, variant.increment()));
    goods(faults, at, variant);
    if let Some(unit) = &variant.unit {
        faults.line(&format!("{at}/unit"), unit, 1, 20);
    }
    let gtin_fits = variant.gtin.as_deref().is_none_or(gtin::is_valid);
    faults.check(gtin_fits, format!("{at}/gtin"), Rule::CheckDigit);
    let optional =
        [("weight_grams", variant.weight_grams), ("stock", variant.stock), ("low_stock_at", variant.low_stock_at)];
    for (name, value) in optional {
        faults.range(format!("{at}/{name}"), value.unwrap_or_default(), 0, 1_000_000_000);
    }
}

fn quantities(faults: &mut Faults, at: &str, (minimum, maximum, increment): (i64, Option<i64>, i64)) {
    faults.range(format!("{at}/order_increment"), increment, 1, MAX_QUANTITY);
    faults.range(format!("{at}/min_order_quantity"), minimum, 1, MAX_QUANTITY);
    let multiple = increment < 1 || minimum % increment == 0;
    faults.check(multiple, format!("{at}/min_order_quantity"), Rule::MultipleOf(increment));
    if let Some(maximum) = maximum {
        faults.range(format!("{at}/max_order_quantity"), maximum, 1, MAX_QUANTITY);
        faults.check(maximum >= minimum, format!("{at}/max_order_quantity"), Rule::AtLeastMinimum);
    }
}

/// What customs ask of a variant.
fn goods(faults: &mut Faults, at: &str, variant: &NewVariant) {
    let digits = |code: &str| (6..=10).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    let hs_fits = variant.hs_code.as_deref().is_none_or(digits);
    faults.check(hs_fits, format!("{at}/hs_code"), Rule::Digits(6, 10));
    let letters = |code: &str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let origin_fits = variant.origin_country.as_deref().is_none_or(letters);
    faults.check(origin_fits, format!("{at}/origin_country"), Rule::CountryCode);
}

/// Checks what is agreed for a variant.
pub(crate) fn agreed_price(faults: &mut Faults, at: &str, price: &AgreedPrice) {
    faults.range(format!("{at}/price_minor"), price.price_minor, 1, MAX_PRICE);
    ladder(faults, at, (price.price_minor, &price.price_tiers.0, price.price_may_rise));
    let increment = price.order_increment.unwrap_or(1);
    let minimum = price.min_order_quantity.unwrap_or(increment);
    quantities(faults, at, (minimum, price.max_order_quantity, increment));
}

fn ladder(faults: &mut Faults, at: &str, (base, tiers, may_rise): (i64, &[PriceTier], bool)) {
    faults.count(&format!("{at}/price_tiers"), tiers.len(), 10);
    let mut last = PriceTier { min_quantity: 1, price_minor: base };
    for (index, tier) in tiers.iter().enumerate() {
        let at = format!("{at}/price_tiers/{index}");
        let rising = tier.min_quantity > last.min_quantity && tier.min_quantity <= MAX_QUANTITY;
        faults.check(rising, format!("{at}/min_quantity"), Rule::RisingQuantity);
        faults.range(format!("{at}/price_minor"), tier.price_minor, 1, MAX_PRICE);
        let cheaper = may_rise || tier.price_minor <= last.price_minor;
        faults.check(cheaper, format!("{at}/price_minor"), Rule::NotRisingPrice);
        last = *tier;
    }
}

/// A name as a part of a JSON pointer.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewProduct, PriceTiers};
    use kernel::Currency;
    use serde_json::json;

    fn faults_of(product: &NewProduct) -> Vec<(String, &'static str)> {
        let mut faults = Faults::default();
        content(&mut faults, &product.content());
        variants(&mut faults, &product.options, &product.variants);
        faults.result().err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.rule.code())).collect()
    }

    fn tea() -> NewProduct {
        let variant = NewVariant::new("TEA-500", 12_800, Currency::Cny);
        NewProduct { title: "凤凰单丛 500g".into(), variants: vec![variant], ..NewProduct::default() }
    }

    #[test]
    fn a_plain_product_is_fine() {
        assert!(faults_of(&tea()).is_empty());
    }

    #[test]
    fn every_fault_names_its_place() {
        let mut product = tea();
        product.title = " ".into();
        product.description = "a\0b".into();
        product.attributes.0.insert("origin".into(), json!({ "town": ["\0"] }));
        product.metadata.0.insert("a/b".into(), "x".repeat(501));
        let variant = &mut product.variants[0];
        variant.price_minor = -1;
        variant.gtin = Some("4006381333930".into());
        variant.min_order_quantity = Some(15);
        variant.order_increment = Some(10);
        variant.stock = Some(-1);
        let twin = variant.clone();
        product.variants.push(NewVariant { currency: Currency::Usd, ..twin });
        let found = faults_of(&product);
        for fault in [
            ("/title", "too_short"),
            ("/description", "control_character"),
            ("/attributes", "control_character"),
            ("/metadata/a~1b", "too_long"),
            ("/variants/0/price_minor", "out_of_range"),
            ("/variants/0/gtin", "bad_check_digit"),
            ("/variants/0/min_order_quantity", "not_a_multiple"),
            ("/variants/0/stock", "out_of_range"),
            ("/variants/1/sku", "duplicate"),
            ("/variants/1/currency", "currency_mismatch"),
        ] {
            assert!(found.iter().any(|(pointer, code)| (pointer.as_str(), *code) == fault), "{fault:?} in {found:?}");
        }
    }

    #[test]
    fn a_ladder_rises_in_quantity_and_never_in_price() {
        let mut product = tea();
        let tier = |min_quantity, price_minor| PriceTier { min_quantity, price_minor };
        product.variants[0].price_tiers = PriceTiers(vec![tier(10, 12_800), tier(50, 9_900)]);
        assert!(faults_of(&product).is_empty());
        product.variants[0].price_tiers = PriceTiers(vec![tier(10, 12_900), tier(50, 13_900)]);
        product.variants[0].price_may_rise = Some(true);
        assert!(faults_of(&product).is_empty(), "unless the seller says so");
        product.variants[0].price_may_rise = None;
        product.variants[0].price_tiers = PriceTiers(vec![tier(10, 12_900), tier(10, 9_900), tier(1, 0)]);
        let codes: Vec<&str> = faults_of(&product).into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["rising_price", "not_rising", "not_rising", "out_of_range"]);
    }

    #[test]
    fn zero_and_overflowing_quantities_are_faults_not_panics() {
        let mut product = tea();
        product.variants[0].order_increment = Some(0);
        assert!(!faults_of(&product).is_empty());
        product.variants[0].order_increment = Some(i64::MAX);
        product.variants[0].min_order_quantity = Some(i64::MIN);
        assert!(!faults_of(&product).is_empty());
    }
}
