//! Finds and lists a firm's products and categories.

use crate::{
    product::{Product, ProductStatus},
    store::{self, ProductRow},
};
use db::{
    DbError, TenantTx,
    schema::{product_slugs as slugs, products},
};
use diesel::prelude::*;
use kernel::{
    ids::ProductId,
    pages::{Page, PageRequest},
};

/// The product, if it is the tenant's.
pub fn find(tx: &mut TenantTx<'_>, id: ProductId) -> Result<Option<Product>, DbError> {
    let row = products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::id.eq(id))
        .select(ProductRow::as_select())
        .first(tx.conn())
        .optional()?;
    row.map(|row| store::with_variants(tx, row)).transpose()
}

/// The tenant's products, newest first; of one status only, if one is given.
pub fn list(
    tx: &mut TenantTx<'_>,
    status: Option<ProductStatus>,
    page: &PageRequest<ProductId>,
) -> Result<Page<Product, ProductId>, DbError> {
    list_named(tx, (status, None), page)
}

/// The same, of one name in addresses only, if one is given.
pub fn list_named(
    tx: &mut TenantTx<'_>,
    (status, slug): (Option<ProductStatus>, Option<&str>),
    page: &PageRequest<ProductId>,
) -> Result<Page<Product, ProductId>, DbError> {
    let mut query = products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .order(products::id.desc())
        .limit(page.fetch())
        .select(ProductRow::as_select())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(products::status.eq(status));
    }
    if let Some(slug) = slug {
        let named = slugs::table.filter(slugs::tenant_id.eq(tx.tenant())).filter(slugs::slug.eq(slug.to_owned()));
        query = query.filter(products::id.eq_any(named.select(slugs::product_id)));
    }
    if let Some(after) = page.after {
        query = query.filter(products::id.lt(after));
    }
    let rows = query.load(tx.conn())?;
    let rows = Page::of(rows, page, |row: &ProductRow| row.id);
    Ok(Page { data: store::all_with_variants(tx, rows.data)?, next: rows.next })
}
