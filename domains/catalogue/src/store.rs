//! Rows and queries that several use cases share.

use crate::{
    product::{Content, Product, ProductPatch, ProductStatus},
    schedule::Schedule,
    variant::Variant,
};
use chrono::{DateTime, Utc};
use db::{
    DbError, Keep, TenantTx,
    schema::{product_variants as variants, products},
};
use diesel::prelude::*;
use kernel::ids::{ProductId, VariantId};
use std::collections::HashMap;

/// A product's own row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = products)]
pub(crate) struct ProductRow {
    pub(crate) id: ProductId,
    pub(crate) status: ProductStatus,
    #[diesel(embed)]
    pub(crate) content: Content,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) published_at: Option<DateTime<Utc>>,
    #[diesel(embed)]
    pub(crate) schedule: Schedule,
    pub(crate) change: Option<ProductPatch>,
}

impl ProductRow {
    fn with(self, variants: Vec<Variant>) -> Product {
        Product {
            id: self.id,
            status: self.status,
            content: self.content,
            variants,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            published_at: self.published_at,
            schedule: self.schedule,
            change: self.change,
        }
    }
}

/// The product, locked until the transaction ends, so that its changes follow one another.
pub(crate) fn lock_product(tx: &mut TenantTx<'_>, id: ProductId) -> Result<Option<Product>, DbError> {
    let row = products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::id.eq(id))
        .select(ProductRow::as_select())
        .for_no_key_update()
        .first(tx.conn())
        .optional()?;
    row.map(|row| with_variants(tx, row)).transpose()
}

/// A row with its variants.
pub(crate) fn with_variants(tx: &mut TenantTx<'_>, row: ProductRow) -> Result<Product, DbError> {
    let mut products = all_with_variants(tx, vec![row])?;
    products.pop().ok_or_else(|| DbError::Corrupt("a product vanished".into()))
}

/// Rows with their variants, in the order of the rows.
pub(crate) fn all_with_variants(tx: &mut TenantTx<'_>, rows: Vec<ProductRow>) -> Result<Vec<Product>, DbError> {
    let ids: Vec<ProductId> = rows.iter().map(|row| row.id).collect();
    let found: Vec<Variant> = variants::table
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::product_id.eq_any(ids))
        .filter(variants::withdrawn_at.is_null())
        .order((variants::product_id, variants::position))
        .select(Variant::as_select())
        .load(tx.conn())?;
    let mut by_product: HashMap<ProductId, Vec<Variant>> = HashMap::new();
    for variant in found {
        by_product.entry(variant.product_id).or_default().push(variant);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let mine = by_product.remove(&row.id).unwrap_or_default();
            row.with(mine)
        })
        .collect())
}

/// Locks variants in the order of their ids, so that two orders over the same variants cannot deadlock.
pub(crate) fn lock_variants(tx: &mut TenantTx<'_>, ids: &[VariantId]) -> Result<Vec<Variant>, DbError> {
    Ok(variants::table
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq_any(ids))
        .order(variants::id)
        .select(Variant::as_select())
        .for_no_key_update()
        .load(tx.conn())?)
}

/// Those of the variants that are not withdrawn and whose products are published now.
pub(crate) fn on_sale(tx: &mut TenantTx<'_>, ids: &[VariantId]) -> Result<Vec<VariantId>, DbError> {
    let product = products::tenant_id.eq(variants::tenant_id).and(products::id.eq(variants::product_id));
    Ok(variants::table
        .inner_join(products::table.on(product))
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq_any(ids))
        .filter(variants::withdrawn_at.is_null())
        .filter(products::status.eq(ProductStatus::Published))
        .select(variants::id)
        .load(tx.conn())?)
}

/// Writes a variant's stock figures.
pub(crate) fn set_stock(tx: &mut TenantTx<'_>, variant: &Variant) -> Result<(), DbError> {
    diesel::update(variants::table)
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq(variant.id))
        .set((
            variants::on_hand.eq(variant.on_hand),
            variants::reserved.eq(variant.reserved),
            variants::elsewhere.eq(variant.elsewhere),
        ))
        .kept()
        .execute(tx.conn())?;
    Ok(())
}

/// Marks a product as changed now, gives it a status and returns its new version.
pub(crate) fn set_status(tx: &mut TenantTx<'_>, product: &mut Product, status: ProductStatus) -> Result<(), DbError> {
    let now = tx.now();
    if status == ProductStatus::Published && product.published_at.is_none() {
        product.published_at = Some(now);
    }
    product.status = status;
    product.version += 1;
    product.updated_at = now;
    diesel::update(products::table)
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::id.eq(product.id))
        .set((
            products::status.eq(status),
            products::published_at.eq(product.published_at),
            products::version.eq(product.version),
            products::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Ids of a product's variants that are on sale.
pub(crate) fn variant_ids(variants: &[Variant]) -> Vec<VariantId> {
    variants.iter().map(|variant| variant.id).collect()
}
