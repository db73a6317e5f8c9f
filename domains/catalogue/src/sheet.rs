//! What sheets of products are read from and written to.

use crate::{
    categories,
    product::Product,
    store::{self, ProductRow},
};
use db::{
    DbError, TenantTx,
    schema::{categories as tree, product_variants as variants, products},
};
use diesel::prelude::*;
use kernel::ids::{CategoryId, ProductId};

/// The products that have a variant with one of these SKUs on sale.
pub fn with_skus(tx: &mut TenantTx<'_>, skus: &[&str]) -> Result<Vec<Product>, DbError> {
    let ids: Vec<ProductId> = variants::table
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::sku.eq_any(skus))
        .filter(variants::withdrawn_at.is_null())
        .select(variants::product_id)
        .distinct()
        .load(tx.conn())?;
    let rows = products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::id.eq_any(ids))
        .select(ProductRow::as_select())
        .load(tx.conn())?;
    store::all_with_variants(tx, rows)
}

/// So many of the firm's products after this one, oldest first.
pub fn products_after(tx: &mut TenantTx<'_>, after: Option<ProductId>, limit: i64) -> Result<Vec<Product>, DbError> {
    let mut query = products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .order(products::id)
        .limit(limit)
        .select(ProductRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(products::id.gt(after));
    }
    let rows = query.load(tx.conn())?;
    store::all_with_variants(tx, rows)
}

/// The category at the end of these names, from the root of the firm's tree.
pub fn category_at(tx: &mut TenantTx<'_>, names: &[&str]) -> Result<Option<CategoryId>, DbError> {
    let mut at: Option<CategoryId> = None;
    for name in names {
        let found = tree::table
            .filter(tree::tenant_id.eq(tx.tenant()))
            .filter(tree::parent_id.is_not_distinct_from(at))
            .filter(tree::name.eq(name))
            .order(tree::id)
            .select(tree::id)
            .first(tx.conn())
            .optional()?;
        let Some(found) = found else { return Ok(None) };
        at = Some(found);
    }
    Ok(at)
}

/// The names of a category from the root of the firm's tree.
pub fn category_names(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<Vec<String>, DbError> {
    let (mut names, mut at) = (Vec::new(), Some(id));
    while let Some(category) = at.map(|id| categories::find_category(tx, id)).transpose()?.flatten() {
        names.push(category.name);
        // A tree is no deeper than this; a circle would be endless.
        at = category.parent_id.filter(|_| names.len() < 32);
    }
    names.reverse();
    Ok(names)
}
