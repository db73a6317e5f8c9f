//! One variant of a product at a time.

use crate::{
    product::{Product, TextMap, present},
    update::{Wanted, fresh, is_so, lock_changeable, revise, unwritten},
    validate::Fault,
    variant::{NewVariant, PriceTiers, Variant},
    write::WriteProductError,
};
use db::TenantTx;
use kernel::{
    Currency,
    ids::{ProductId, VariantId},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Changes to a variant; what is absent stays as it is. Stock at hand is changed by adjustments.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantPatch {
    /// The seller's own code, 1 to 64 characters, unique in the firm.
    pub sku: Option<String>,
    /// What makes it different, at most 10 names.
    pub options: Option<TextMap>,
    /// Price of one unit in minor units, at least 1.
    pub price_minor: Option<i64>,
    /// Currency of all its prices.
    pub currency: Option<Currency>,
    /// At most 10 rungs: quantities strictly rising, prices not rising unless `price_may_rise`.
    pub price_tiers: Option<PriceTiers>,
    /// Whether prices may rise with the quantity.
    pub price_may_rise: Option<bool>,
    /// The least that can be ordered, a multiple of the increment.
    pub min_order_quantity: Option<i64>,
    /// The most that can be ordered; null: any number.
    #[serde(default, deserialize_with = "present")]
    pub max_order_quantity: Option<Option<i64>>,
    /// Quantities are multiples of this.
    pub order_increment: Option<i64>,
    /// Unit of measure, at most 20 characters.
    pub unit: Option<String>,
    /// Global trade item number of 8, 12, 13 or 14 digits.
    #[serde(default, deserialize_with = "present")]
    pub gtin: Option<Option<String>>,
    /// Shipping weight of one unit in grams.
    #[serde(default, deserialize_with = "present")]
    pub weight_grams: Option<Option<i64>>,
    /// Code of the Harmonized System, 6 to 10 digits.
    #[serde(default, deserialize_with = "present")]
    pub hs_code: Option<Option<String>>,
    /// Country of origin, ISO 3166 two letters.
    #[serde(default, deserialize_with = "present")]
    pub origin_country: Option<Option<String>>,
    /// At this many units at hand or fewer, `inventory.low` is told.
    #[serde(default, deserialize_with = "present")]
    pub low_stock_at: Option<Option<i64>>,
}

impl VariantPatch {
    fn applied_to(&self, old: &Variant) -> NewVariant {
        let was = old.written();
        let or = |new: &Option<Option<i64>>, old: Option<i64>| new.unwrap_or(old);
        let text = |new: &Option<Option<String>>, old: Option<String>| new.clone().unwrap_or(old);
        NewVariant {
            sku: self.sku.clone().unwrap_or(was.sku),
            options: self.options.clone().unwrap_or(was.options),
            price_minor: self.price_minor.unwrap_or(was.price_minor),
            currency: self.currency.unwrap_or(was.currency),
            price_tiers: self.price_tiers.clone().unwrap_or(was.price_tiers),
            price_may_rise: self.price_may_rise.or(was.price_may_rise),
            min_order_quantity: self.min_order_quantity.or(was.min_order_quantity),
            max_order_quantity: or(&self.max_order_quantity, was.max_order_quantity),
            order_increment: self.order_increment.or(was.order_increment),
            unit: self.unit.clone().or(was.unit),
            gtin: text(&self.gtin, was.gtin),
            weight_grams: or(&self.weight_grams, was.weight_grams),
            hs_code: text(&self.hs_code, was.hs_code),
            origin_country: text(&self.origin_country, was.origin_country),
            low_stock_at: or(&self.low_stock_at, was.low_stock_at),
            stock: was.stock,
        }
    }
}

/// The product's variants as they are, each to be kept.
fn kept(product: &Product) -> Vec<Wanted> {
    product.variants.iter().map(|old| Wanted { id: Some(old.id), new: old.written() }).collect()
}

/// Adds a variant behind the others. Returns the product, whose last variant it is.
pub fn add_variant(tx: &mut TenantTx<'_>, id: ProductId, new: &NewVariant) -> Result<Product, WriteProductError> {
    let product = lock_changeable(tx, id)?;
    unwritten(&product, |change| change.variants.is_some())?;
    let (content, mut wanted) = (product.content.clone(), kept(&product));
    wanted.push(Wanted { id: None, new: new.clone() });
    revise(tx, product, content, Some(wanted)).map_err(of_one)
}

/// Changes a variant. What is so already stays as it is.
pub fn update_variant(
    tx: &mut TenantTx<'_>,
    (product, id): (ProductId, VariantId),
    (seen, patch): (Option<i64>, &VariantPatch),
) -> Result<Product, WriteProductError> {
    let product = lock_changeable(tx, product)?;
    let old = product.variants.iter().find(|variant| variant.id == id).ok_or(WriteProductError::NotFound)?;
    let (content, mut wanted) = (product.content.clone(), kept(&product));
    if let Some(same) = wanted.iter_mut().find(|wanted| wanted.id == Some(id)) {
        same.new = patch.applied_to(old);
    }
    if is_so(&product, &content, Some(&wanted)) {
        return Ok(product);
    }
    fresh(&product, seen)?;
    unwritten(&product, |change| change.variants.is_some())?;
    revise(tx, product, content, Some(wanted)).map_err(of_one)
}

/// Withdraws a variant. One that is promised to orders stays, and so does the last one of a published product.
pub fn withdraw_variant(
    tx: &mut TenantTx<'_>,
    product: ProductId,
    id: VariantId,
) -> Result<Product, WriteProductError> {
    let product = lock_changeable(tx, product)?;
    let (content, mut wanted) = (product.content.clone(), kept(&product));
    wanted.retain(|wanted| wanted.id != Some(id));
    if wanted.len() == product.variants.len() {
        return Err(WriteProductError::NotFound);
    }
    unwritten(&product, |change| change.variants.is_some())?;
    revise(tx, product, content, Some(wanted))
}

/// Faults of a product's variants, as faults of the one that was written.
fn of_one(error: WriteProductError) -> WriteProductError {
    let own = |fault: Fault| {
        let rest =
            fault.pointer.strip_prefix("/variants/").and_then(|rest| rest.find('/').map(|at| rest[at..].to_owned()));
        Fault { pointer: rest.unwrap_or_default(), rule: fault.rule }
    };
    match error {
        WriteProductError::Invalid(faults) => WriteProductError::Invalid(faults.into_iter().map(own).collect()),
        other => other,
    }
}
