//! Writes a new product as a draft.

use crate::{
    product::{NewProduct, Product, ProductStatus},
    schedule::Schedule,
    slugs,
    write::{self, WriteProductError},
};
use audit::Audited;
use db::{DbError, Keep, TenantTx, schema::products};
use diesel::prelude::*;
use kernel::ids::ProductId;
use metering::Meter;
use serde_json::json;

/// Writes a new product as a draft, within the plan's number of products.
pub fn create(tx: &mut TenantTx<'_>, new: &NewProduct) -> Result<Product, WriteProductError> {
    let content = new.content();
    write::check(tx, &content, (&new.variants, ProductStatus::Draft))?;
    count_against_the_plan(tx)?;
    let now = tx.now();
    let mut product = Product {
        id: tx.new_id(),
        status: ProductStatus::Draft,
        content,
        variants: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
        published_at: None,
        schedule: Schedule::default(),
        change: None,
    };
    insert(tx, &product)?;
    slugs::claim(tx, product.id, (None, &product.content))?;
    for (position, variant) in (0..).zip(&new.variants) {
        product.variants.push(write::add_variant(tx, product.id, position, variant)?);
    }
    tx.audit("product.created", product.id, json!({ "variants": product.variants.len() }))?;
    Ok(product)
}

fn count_against_the_plan(tx: &mut TenantTx<'_>) -> Result<(), WriteProductError> {
    metering::consume(tx, Meter::Products, 1).map_err(|error| match error {
        metering::ReserveError::LimitReached { maximum, used, .. } => WriteProductError::LimitReached { maximum, used },
        metering::ReserveError::Db(error) => error.into(),
    })
}

fn insert(tx: &mut TenantTx<'_>, product: &Product) -> Result<ProductId, DbError> {
    let row = (
        products::id.eq(product.id),
        &product.content,
        products::created_at.eq(product.created_at),
        products::updated_at.eq(product.updated_at),
    );
    Ok(diesel::insert_into(products::table).values(row).returning(products::id).kept().get_result(tx.conn())?)
}
