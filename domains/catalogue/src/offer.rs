//! What a seller asks for a quantity of a variant, at this moment.

use crate::{
    pricing::{self, QuantityError},
    product::ProductStatus,
    variant::Variant,
};
use db::{
    DbError, TenantTx,
    schema::{product_variants as variants, products},
};
use diesel::prelude::*;
use kernel::{
    Money,
    ids::{ProductId, VariantId},
};
use std::collections::HashMap;

/// What an order line freezes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// The seller's code of the variant.
    pub sku: String,
    /// The product's title with the variant's options.
    pub title: String,
    /// Unit of measure.
    pub unit: String,
    /// Price of one unit at this quantity.
    pub unit_price: Money,
}

/// Why there is no offer.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// No such variant, or its product is not published.
    #[error("not on sale")]
    NotOnSale,
    /// This quantity cannot be ordered.
    #[error("order at least {minimum} in steps of {increment}")]
    Quantity {
        /// The least that can be ordered.
        minimum: i64,
        /// Quantities are multiples of this.
        increment: i64,
        /// The nearest quantities that can be ordered, ascending.
        nearest: Vec<i64>,
    },
}

impl From<QuantityError> for OfferError {
    fn from(error: QuantityError) -> Self {
        Self::Quantity { minimum: error.minimum, increment: error.increment, nearest: error.nearest }
    }
}

/// Variants on sale, with their products' titles.
#[derive(Debug)]
pub struct Offers(HashMap<VariantId, (String, Variant)>);

impl Offers {
    /// The offer of `quantity` units of a variant.
    pub fn of(&self, variant: VariantId, quantity: i64) -> Result<Offer, OfferError> {
        let (title, variant) = self.0.get(&variant).ok_or(OfferError::NotOnSale)?;
        let unit_price = pricing::unit_price(&variant.terms(), quantity)?;
        Ok(Offer {
            product_id: variant.product_id,
            variant_id: variant.id,
            title: full_title(title.clone(), variant),
            unit_price: Money::new(unit_price, variant.currency),
            sku: variant.sku.clone(),
            unit: variant.unit.clone(),
        })
    }
}

/// The title with the options, so that two variants differ on an invoice.
fn full_title(title: String, variant: &Variant) -> String {
    variant.options.0.values().fold(title, |title, option| format!("{title} {option}"))
}

/// The seller's offers of those of the variants that are on sale; runs in the seller's tenant.
pub fn offers(tx: &mut TenantTx<'_>, ids: &[VariantId]) -> Result<Offers, DbError> {
    let same_product = products::tenant_id.eq(variants::tenant_id).and(products::id.eq(variants::product_id));
    let found: Vec<(String, Variant)> = variants::table
        .inner_join(products::table.on(same_product))
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq_any(ids))
        .filter(variants::withdrawn_at.is_null())
        .filter(products::status.eq(ProductStatus::Published))
        .select((products::title, Variant::as_select()))
        .load(tx.conn())?;
    Ok(Offers(found.into_iter().map(|(title, variant)| (variant.id, (title, variant))).collect()))
}
