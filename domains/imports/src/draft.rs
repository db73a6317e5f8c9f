//! What a group of rows makes of a product, or of nothing. Pure.

use crate::{
    Column, Complaint, Reason,
    complaint::Placed,
    entry::{Entry, Group},
};
use catalogue::{
    NewProduct, NewVariant, PriceTier, PriceTiers, Product, ProductPatch, Translation, Translations, Variant,
};
use kernel::{Currency, ids::CategoryId};

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) work: Work,
    /// The row that wrote each variant, in the product's order.
    pub(crate) rows: Vec<Option<usize>>,
}

/// A new product, or a change.
#[derive(Debug)]
pub(crate) enum Work {
    Create(Box<NewProduct>),
    Update(Box<ProductPatch>),
}

/// Works it out. The first row that says something about the product as a whole decides it.
pub(crate) fn draft(
    group: &Group,
    present: Option<&Product>,
    category: Option<CategoryId>,
) -> Result<Draft, Vec<Placed>> {
    let mut wrong = Vec::new();
    let mut variants: Vec<NewVariant> =
        present.map(|p| p.variants.iter().map(Variant::written).collect()).unwrap_or_default();
    let mut rows = vec![None; variants.len()];
    let usual = variants.first().map_or(Currency::Cny, |variant| variant.currency);
    for (row, line) in group.iter().enumerate() {
        let known = variants.iter().position(|variant| variant.sku == line.entry.sku);
        let before = known.and_then(|place| variants.get(place).cloned());
        match variant(&line.entry, before, usual) {
            Ok(variant) => {
                let place = known.and_then(|place| Some((variants.get_mut(place)?, rows.get_mut(place)?)));
                if let Some((place, from)) = place {
                    (*place, *from) = (variant, Some(row));
                } else {
                    variants.push(variant);
                    rows.push(Some(row));
                }
            }
            Err(complaints) => wrong.extend(complaints.into_iter().map(|complaint| (Some(row), complaint))),
        }
    }
    if present.is_none() && first(group, |entry| entry.title.as_ref()).is_none() {
        wrong.push((Some(0), Complaint::of(Column::Title, Reason::Required)));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let work = match present {
        None => Work::Create(Box::new(created(group, category, variants))),
        Some(product) => Work::Update(Box::new(updated(group, product, (category, variants)))),
    };
    Ok(Draft { work, rows })
}

fn first<'a, T>(group: &'a Group, of: impl Fn(&'a Entry) -> Option<&'a T>) -> Option<&'a T> {
    group.iter().find_map(|line| of(&line.entry))
}

fn created(group: &Group, category_id: Option<CategoryId>, variants: Vec<NewVariant>) -> NewProduct {
    NewProduct {
        title: first(group, |entry| entry.title.as_ref()).cloned().unwrap_or_default(),
        description: first(group, |entry| entry.description.as_ref()).cloned().unwrap_or_default(),
        listed: first(group, |entry| entry.listed.as_ref()).copied(),
        category_id,
        tags: first(group, |entry| entry.tags.as_ref()).cloned().unwrap_or_default(),
        translations: translations(group, &Translations::default()).unwrap_or_default(),
        variants,
        ..NewProduct::default()
    }
}

fn updated(
    group: &Group,
    present: &Product,
    (category, variants): (Option<CategoryId>, Vec<NewVariant>),
) -> ProductPatch {
    ProductPatch {
        title: first(group, |entry| entry.title.as_ref()).cloned(),
        description: first(group, |entry| entry.description.as_ref()).cloned(),
        listed: first(group, |entry| entry.listed.as_ref()).copied(),
        category_id: category.map(Some),
        tags: first(group, |entry| entry.tags.as_ref()).cloned(),
        translations: translations(group, &present.content.translations),
        variants: Some(variants),
        ..ProductPatch::default()
    }
}

/// The translations with the English that the rows say, if they say any. A description alone says nothing without a title.
fn translations(group: &Group, present: &Translations) -> Option<Translations> {
    let title = first(group, |entry| entry.title_en.as_ref());
    let description = first(group, |entry| entry.description_en.as_ref());
    if title.is_none() && description.is_none() {
        return None;
    }
    let old = present.en.clone();
    let slug = old.as_ref().and_then(|text| text.slug.clone());
    let title = title.cloned().or_else(|| old.as_ref().map(|text| text.title.clone())).unwrap_or_default();
    let description = description.cloned().or_else(|| old.map(|text| text.description)).unwrap_or_default();
    Some(Translations { en: Some(Translation { title, description, slug }), ..present.clone() })
}

/// A variant as its row says, or as it was where the row says nothing.
fn variant(entry: &Entry, before: Option<NewVariant>, usual: Currency) -> Result<NewVariant, Vec<Complaint>> {
    let is_new = before.is_none();
    let mut variant = before.unwrap_or_else(|| NewVariant::new(entry.sku.clone(), 0, usual));
    let mut wrong = Vec::new();
    if let Some(currency) = entry.currency {
        variant.currency = currency;
    }
    match entry.price.map(|price| price.minor(variant.currency)) {
        Some(Some(minor)) => variant.price_minor = minor,
        Some(None) => wrong.push(Complaint::of(Column::Price, Reason::TooFine)),
        None if is_new => wrong.push(Complaint::of(Column::Price, Reason::Required)),
        None => {}
    }
    if let Some(ladder) = &entry.ladder {
        let rung = |(min_quantity, price): &(i64, crate::cell::Decimal)| {
            Some(PriceTier { min_quantity: *min_quantity, price_minor: price.minor(variant.currency)? })
        };
        match ladder.iter().map(rung).collect() {
            Some(rungs) => variant.price_tiers = PriceTiers(rungs),
            None => wrong.push(Complaint::of(Column::PriceTiers, Reason::TooFine)),
        }
    }
    let said = entry.clone();
    if let Some(options) = said.options {
        variant.options = options;
    }
    variant.min_order_quantity = said.minimum.or(variant.min_order_quantity);
    variant.max_order_quantity = said.maximum.or(variant.max_order_quantity);
    variant.hs_code = said.hs_code.or(variant.hs_code);
    variant.origin_country = said.origin.or(variant.origin_country);
    variant.order_increment = said.increment.or(variant.order_increment);
    variant.unit = said.unit.or(variant.unit);
    variant.gtin = said.gtin.or(variant.gtin);
    variant.weight_grams = said.weight_grams.or(variant.weight_grams);
    variant.low_stock_at = said.low_stock_at.or(variant.low_stock_at);
    if is_new {
        variant.stock = said.stock;
    }
    if wrong.is_empty() { Ok(variant) } else { Err(wrong) }
}
