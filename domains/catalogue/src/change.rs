//! What is written about a published product without being shown, until it goes live as a whole.

use crate::{
    product::{Product, ProductPatch, ProductStatus},
    update::{UpdateProduct, by_sku, fresh, lock_changeable, revise, update},
    variant::Variant,
    write::{self, WriteProductError},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::products};
use diesel::prelude::*;
use kernel::ids::ProductId;
use serde_json::json;

/// Writes a change of a published product, on top of what was written before; buyers see it when the product is published again.
/// A draft, which nobody sees, is changed at once, unless a change of it waits already.
pub fn write_change(tx: &mut TenantTx<'_>, command: &UpdateProduct) -> Result<Product, WriteProductError> {
    let mut product = lock_changeable(tx, command.id)?;
    if product.status != ProductStatus::Published && product.change.is_none() {
        return update(tx, command);
    }
    let change = command.patch.clone().on_top_of(product.change.clone().unwrap_or_default());
    if product.change.clone().unwrap_or_default() == change {
        return Ok(product);
    }
    fresh(&product, command.seen)?;
    let content = change.applied_to(&product.content);
    let written = match &change.variants {
        Some(new) => new.clone(),
        None => product.variants.iter().map(Variant::written).collect(),
    };
    write::check(tx, &content, (&written, product.status))?;
    if written.is_empty() {
        return Err(WriteProductError::NothingToSell);
    }
    product.change = Some(change);
    store(tx, &mut product)?;
    tx.audit("product.change_written", product.id, json!({ "version": product.version }))?;
    Ok(product)
}

/// Forgets what was written and not shown.
pub fn discard_change(tx: &mut TenantTx<'_>, id: ProductId) -> Result<(), WriteProductError> {
    let mut product = lock_changeable(tx, id)?;
    if product.change.take().is_none() {
        return Err(WriteProductError::NotFound);
    }
    store(tx, &mut product)?;
    tx.audit("product.change_discarded", id, json!({ "version": product.version }))?;
    Ok(())
}

/// Shows what was written, as a whole or not at all (INV-C11).
pub(crate) fn go_live(
    tx: &mut TenantTx<'_>,
    mut product: Product,
    change: &ProductPatch,
) -> Result<Product, WriteProductError> {
    product.change = None;
    let content = change.applied_to(&product.content);
    let wanted = change.variants.as_deref().map(|new| by_sku(&product, new));
    let product = revise(tx, product, content, wanted)?;
    let row = products::table.filter(products::tenant_id.eq(tx.tenant())).filter(products::id.eq(product.id));
    diesel::update(row).set(products::change.eq(&product.change)).execute(tx.conn()).map_err(DbError::from)?;
    Ok(product)
}

fn store(tx: &mut TenantTx<'_>, product: &mut Product) -> Result<(), DbError> {
    product.version += 1;
    product.updated_at = tx.now();
    diesel::update(products::table.filter(products::tenant_id.eq(tx.tenant())).filter(products::id.eq(product.id)))
        .set((
            products::change.eq(&product.change),
            products::version.eq(product.version),
            products::updated_at.eq(product.updated_at),
        ))
        .execute(tx.conn())?;
    Ok(())
}
