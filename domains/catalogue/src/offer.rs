//! What a seller asks of a buyer for a quantity of a variant, at this moment.

use crate::{
    buyer_groups::BuyerGroupId,
    price_lists,
    pricing::{self, AgreedTerms, AgreedWith, Buyer, OwnedTerms, Price, QuantityError, TaxClass, VariantPrices},
    product::ProductStatus,
    variant::Variant,
};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{product_variants as variants, products},
};
use diesel::prelude::*;
use kernel::ids::{ProductId, TenantId, VariantId};
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
    /// Price of one unit at this quantity, why it is so, and its tax.
    pub price: Price,
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
        /// The most that can be ordered.
        maximum: Option<i64>,
        /// Quantities are multiples of this.
        increment: i64,
        /// The nearest quantities that can be ordered, ascending.
        nearest: Vec<i64>,
    },
}

impl From<QuantityError> for OfferError {
    fn from(error: QuantityError) -> Self {
        let QuantityError { minimum, maximum, increment, nearest } = error;
        Self::Quantity { minimum, maximum, increment, nearest }
    }
}

/// A variant on sale with what its product says.
#[derive(Debug, Queryable)]
struct OnSale {
    title: String,
    tax_class: Option<TaxClass>,
    tax_included: bool,
    variant: Variant,
}

/// Variants on sale for a buyer at an instant.
#[derive(Debug)]
pub struct Offers {
    by_id: HashMap<VariantId, (OnSale, VariantPrices)>,
    buyer: Buyer,
    at: DateTime<Utc>,
}

impl Offers {
    /// The offer of `quantity` units of a variant.
    pub fn of(&self, variant: VariantId, quantity: i64) -> Result<Offer, OfferError> {
        let (OnSale { title, variant, .. }, prices) = self.by_id.get(&variant).ok_or(OfferError::NotOnSale)?;
        let price = pricing::price(prices, &self.buyer, quantity, self.at)?;
        Ok(Offer {
            product_id: variant.product_id,
            variant_id: variant.id,
            title: full_title(title.clone(), variant),
            price,
            sku: variant.sku.clone(),
            unit: variant.unit.clone(),
        })
    }
}

/// The title with the options, so that two variants differ on an invoice.
fn full_title(title: String, variant: &Variant) -> String {
    variant.options.0.values().fold(title, |title, option| format!("{title} {option}"))
}

/// The seller's offers, to this buyer, of those of the variants that are on sale; runs in the seller's tenant.
pub fn offers(tx: &mut TenantTx<'_>, buyer: Option<TenantId>, ids: &[VariantId]) -> Result<Offers, DbError> {
    let same_product = products::tenant_id.eq(variants::tenant_id).and(products::id.eq(variants::product_id));
    let found: Vec<OnSale> = variants::table
        .inner_join(products::table.on(same_product))
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq_any(ids))
        .filter(variants::withdrawn_at.is_null())
        .filter(products::status.eq(ProductStatus::Published))
        .select((products::title, products::tax_class, products::tax_included, Variant::as_select()))
        .load(tx.conn())?;
    let wanted: Vec<&Variant> = found.iter().map(|found| &found.variant).collect();
    let mut agreed = match buyer {
        Some(buyer) => price_lists::agreed_with(tx, buyer, &wanted)?,
        None => Vec::new(),
    };
    let groups = agreed.iter().filter_map(|(_, terms)| group_of(terms)).collect();
    let by_id = found.into_iter().map(|found| {
        let mine = agreed.extract_if(.., |(id, _)| *id == found.variant.id).map(|(_, terms)| terms).collect();
        let prices = prices(&found, mine);
        (found.variant.id, (found, prices))
    });
    Ok(Offers { by_id: by_id.collect(), buyer: Buyer { id: buyer, groups }, at: tx.now() })
}

const fn group_of(terms: &AgreedTerms) -> Option<BuyerGroupId> {
    match terms.with {
        AgreedWith::Group(group) => Some(group),
        AgreedWith::Buyer(_) => None,
    }
}

fn prices(found: &OnSale, agreed: Vec<AgreedTerms>) -> VariantPrices {
    let variant = &found.variant;
    VariantPrices {
        currency: variant.currency,
        own: OwnedTerms {
            price_minor: variant.price_minor,
            tiers: variant.price_tiers.0.clone(),
            minimum: variant.min_order_quantity,
            maximum: variant.max_order_quantity,
            increment: variant.order_increment,
        },
        tax_class: found.tax_class,
        tax_included: found.tax_included,
        agreed,
    }
}
