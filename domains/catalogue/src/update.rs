//! Changes a product and its variants.

use crate::{
    events::ProductUpdated,
    market,
    product::{Content, Product, ProductPatch, ProductStatus},
    slugs, store,
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
use kernel::ids::{ProductId, VariantId};
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

/// A variant as it is to be: a known one, or a new one.
pub(crate) struct Wanted {
    /// The variant that is changed; none for one that is added.
    pub(crate) id: Option<VariantId>,
    /// What its seller wrote.
    pub(crate) new: NewVariant,
}

/// Changes a product that is not archived; a published one changes in the market at once. What is so already stays as it is:
/// the same request again, whose first answer was lost, has no second effect.
pub fn update(tx: &mut TenantTx<'_>, command: &UpdateProduct) -> Result<Product, WriteProductError> {
    let product = lock_changeable(tx, command.id)?;
    let content = command.patch.applied_to(&product.content);
    let wanted = command.patch.variants.as_deref().map(|new| by_sku(&product, new));
    if is_so(&product, &content, wanted.as_deref()) {
        return Ok(product);
    }
    fresh(&product, command.seen)?;
    unwritten(&product, |change| change.meets(&command.patch))?;
    revise(tx, product, content, wanted)
}

/// Refuses if a change that waits says something about the same: it would undo what is written now.
pub(crate) fn unwritten(product: &Product, meets: impl Fn(&ProductPatch) -> bool) -> Result<(), WriteProductError> {
    if product.change.as_ref().is_some_and(meets) { Err(WriteProductError::ChangeWaits) } else { Ok(()) }
}

/// The product, locked, if it may still be changed.
pub(crate) fn lock_changeable(tx: &mut TenantTx<'_>, id: ProductId) -> Result<Product, WriteProductError> {
    let product = store::lock_product(tx, id)?.ok_or(WriteProductError::NotFound)?;
    if product.status == ProductStatus::Archived { Err(WriteProductError::Archived) } else { Ok(product) }
}

/// Refuses who saw another version than the present one.
pub(crate) fn fresh(product: &Product, seen: Option<i64>) -> Result<(), WriteProductError> {
    if seen.is_some_and(|version| version != product.version) {
        return Err(WriteProductError::Stale { current: product.version });
    }
    Ok(())
}

/// New variants, matched with the product's by their SKUs.
pub(crate) fn by_sku(product: &Product, new: &[NewVariant]) -> Vec<Wanted> {
    let known = |sku: &str| product.variants.iter().find(|old| old.sku == sku).map(|old| old.id);
    new.iter().map(|new| Wanted { id: known(&new.sku), new: new.clone() }).collect()
}

/// Whether a product has this content and these variants already, in this order.
pub(crate) fn is_so(product: &Product, content: &Content, wanted: Option<&[Wanted]>) -> bool {
    let same = |(old, wanted, position): (&Variant, &Wanted, i32)| {
        wanted.id == Some(old.id) && *old == rewritten(old, &wanted.new, position)
    };
    let offers = |wanted: &[Wanted]| {
        let pairs = product.variants.iter().zip(wanted).zip(0..).map(|((old, new), position)| (old, new, position));
        product.variants.len() == wanted.len() && pairs.into_iter().all(same)
    };
    *content == product.content && wanted.is_none_or(offers)
}

/// Gives a locked product this content and, if they are named, these variants.
pub(crate) fn revise(
    tx: &mut TenantTx<'_>,
    mut product: Product,
    content: Content,
    wanted: Option<Vec<Wanted>>,
) -> Result<Product, WriteProductError> {
    let written: Vec<NewVariant> = match &wanted {
        Some(wanted) => wanted.iter().map(|wanted| wanted.new.clone()).collect(),
        // The matrix holds for those that stay, too.
        None if content.options != product.content.options => product.variants.iter().map(Variant::written).collect(),
        None => Vec::new(),
    };
    write::check(tx, &content, (&written, product.status))?;
    slugs::claim(tx, product.id, (Some(&product), &content))?;
    set_content(tx, &product.id, &content)?;
    product.content = content;
    if let Some(wanted) = wanted {
        product.variants = replace_variants(tx, &product, &wanted)?;
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

/// A variant as its seller writes it anew, with the stock it has.
fn rewritten(old: &Variant, new: &NewVariant, position: i32) -> Variant {
    let (on_hand, reserved, elsewhere) = (old.on_hand, old.reserved, old.elsewhere);
    Variant { on_hand, reserved, elsewhere, ..new.placed(old.id, old.product_id, position) }
}

pub(crate) fn set_content(tx: &mut TenantTx<'_>, id: &ProductId, content: &Content) -> Result<(), DbError> {
    diesel::update(products::table)
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::id.eq(id))
        .set(content)
        .execute(tx.conn())?;
    Ok(())
}

/// Makes `wanted` the product's variants: known ones are changed, new ones added, missing ones withdrawn.
fn replace_variants(
    tx: &mut TenantTx<'_>,
    product: &Product,
    wanted: &[Wanted],
) -> Result<Vec<Variant>, WriteProductError> {
    // Locked against orders, whose promises count below.
    let present = store::lock_variants(tx, &store::variant_ids(&product.variants))?;
    for variant in present.iter().filter(|variant| !wanted.iter().any(|wanted| wanted.id == Some(variant.id))) {
        if variant.reserved > 0 {
            return Err(WriteProductError::Reserved { sku: variant.sku.clone() });
        }
        withdraw(tx, variant)?;
    }
    let mut result = Vec::new();
    for (position, Wanted { id, new }) in (0..).zip(wanted) {
        result.push(match present.iter().find(|variant| Some(variant.id) == *id) {
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

fn rewrite(tx: &mut TenantTx<'_>, variant: Variant) -> Result<Variant, WriteProductError> {
    diesel::update(variants::table)
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq(variant.id))
        .set((
            variants::sku.eq(&variant.sku),
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
            variants::max_order_quantity.eq(variant.max_order_quantity),
            variants::price_may_rise.eq(variant.price_may_rise),
            variants::hs_code.eq(&variant.hs_code),
            variants::origin_country.eq(&variant.origin_country),
        ))
        .execute(tx.conn())
        .map_err(|error| write::sku_taken(error.into()))?;
    Ok(variant)
}
