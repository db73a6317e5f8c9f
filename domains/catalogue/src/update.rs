//! Changes a product and its variants.

use crate::{
    events::ProductUpdated,
    market,
    product::{Product, ProductPatch, ProductStatus},
    store,
    variant::{NewVariant, Variant},
    write::{self, WriteProductError},
};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{product_variants as variants, products},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::ProductId;
use serde_json::json;

/// A change of one product.
#[derive(Debug, Clone)]
pub struct UpdateProduct {
    /// The product.
    pub id: ProductId,
    /// The version that the caller saw; `None` overwrites whatever there is.
    pub seen: Option<i64>,
    /// What changes.
    pub patch: ProductPatch,
}

/// Changes a product that is not archived; a published one changes in the market at once. What is so already stays as it is:
/// the same request again, whose first answer was lost, has no second effect.
pub fn update(tx: &mut TenantTx<'_>, command: &UpdateProduct) -> Result<Product, WriteProductError> {
    let mut product = store::lock_product(tx, command.id)?.ok_or(WriteProductError::NotFound)?;
    if product.status == ProductStatus::Archived {
        return Err(WriteProductError::Archived);
    }
    let content = command.patch.applied_to(&product.content);
    let new_variants = command.patch.variants.as_deref();
    if content == product.content && new_variants.is_none_or(|wanted| offers(&product, wanted)) {
        return Ok(product);
    }
    if command.seen.is_some_and(|version| version != product.version) {
        return Err(WriteProductError::Stale { current: product.version });
    }
    write::check(tx, &content, new_variants.unwrap_or_default())?;
    set_content(tx, &product.id, &content)?;
    product.content = content;
    if let Some(new) = new_variants {
        product.variants = replace_variants(tx, &product, new)?;
    }
    if product.status == ProductStatus::Published && product.variants.is_empty() {
        return Err(WriteProductError::NothingToSell);
    }
    let status = product.status;
    store::set_status(tx, &mut product, status)?;
    market::show(tx, &product)?;
    tx.emit(&ProductUpdated::from(&product))?;
    tx.audit("product.updated", product.id, json!({ "version": product.version }))?;
    Ok(product)
}

/// Whether a product has these variants already, in this order.
fn offers(product: &Product, wanted: &[NewVariant]) -> bool {
    let as_wanted = |(old, new, position): (&Variant, &NewVariant, i32)| *old == rewritten(old, new, position);
    let pairs = product.variants.iter().zip(wanted).zip(0..).map(|((old, new), position)| (old, new, position));
    product.variants.len() == wanted.len() && pairs.into_iter().all(as_wanted)
}

/// A variant as its seller writes it anew, with the stock it has.
fn rewritten(old: &Variant, new: &NewVariant, position: i32) -> Variant {
    Variant { on_hand: old.on_hand, reserved: old.reserved, ..new.placed(old.id, old.product_id, position) }
}

fn set_content(tx: &mut TenantTx<'_>, id: &ProductId, content: &crate::Content) -> Result<(), DbError> {
    diesel::update(products::table)
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::id.eq(id))
        .set(content)
        .execute(tx.conn())?;
    Ok(())
}

/// Makes `wanted` the product's variants: known SKUs are changed, new ones added, missing ones withdrawn.
fn replace_variants(
    tx: &mut TenantTx<'_>,
    product: &Product,
    wanted: &[NewVariant],
) -> Result<Vec<Variant>, WriteProductError> {
    // Locked against orders, whose promises count below.
    let present = store::lock_variants(tx, &store::variant_ids(&product.variants))?;
    for variant in present.iter().filter(|variant| !wanted.iter().any(|new| new.sku == variant.sku)) {
        if variant.reserved > 0 {
            return Err(WriteProductError::Reserved { sku: variant.sku.clone() });
        }
        withdraw(tx, variant)?;
    }
    let mut result = Vec::new();
    for (position, new) in (0..).zip(wanted) {
        result.push(match present.iter().find(|variant| variant.sku == new.sku) {
            Some(old) => rewrite(tx, rewritten(old, new, position))?,
            None => write::add_variant(tx, product.id, position, new)?,
        });
    }
    Ok(result)
}

fn withdraw(tx: &mut TenantTx<'_>, variant: &Variant) -> Result<(), DbError> {
    diesel::update(variants::table)
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq(variant.id))
        .set(variants::withdrawn_at.eq(tx.now()))
        .execute(tx.conn())?;
    Ok(())
}

fn rewrite(tx: &mut TenantTx<'_>, variant: Variant) -> Result<Variant, DbError> {
    diesel::update(variants::table)
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq(variant.id))
        .set((
            variants::position.eq(variant.position),
            variants::options.eq(&variant.options),
            variants::price_minor.eq(variant.price_minor),
            variants::currency.eq(variant.currency),
            variants::price_tiers.eq(&variant.price_tiers),
            variants::min_order_quantity.eq(variant.min_order_quantity),
            variants::order_increment.eq(variant.order_increment),
            variants::unit.eq(&variant.unit),
            variants::gtin.eq(&variant.gtin),
            variants::weight_grams.eq(variant.weight_grams),
            variants::low_stock_at.eq(variant.low_stock_at),
        ))
        .execute(tx.conn())?;
    Ok(variant)
}
