//! Names of products in addresses: unique in the firm and language, and never given to another product.

use crate::{
    product::{Content, Product},
    texts::{self, Locale},
    write::WriteProductError,
};
use db::{DbError, TenantTx, schema::product_slugs as slugs};
use diesel::{prelude::*, query_dsl::methods::FilterDsl as _, upsert::excluded};
use kernel::ids::ProductId;

/// Gives a product the names that `content` has and the product had not before (INV-C12). Its old names stay its own.
pub(crate) fn claim(
    tx: &mut TenantTx<'_>,
    id: ProductId,
    (before, content): (Option<&Product>, &Content),
) -> Result<(), WriteProductError> {
    let had = before.map(|product| texts::slugs(&product.content)).unwrap_or_default();
    for (locale, slug) in texts::slugs(content) {
        if had.contains(&(locale, slug)) {
            continue;
        }
        if !take(tx, id, (locale, slug))? {
            return Err(WriteProductError::SlugTaken { slug: slug.to_owned() });
        }
        retire_others(tx, id, (locale, slug))?;
    }
    Ok(())
}

fn take(tx: &mut TenantTx<'_>, id: ProductId, (locale, slug): (Locale, &str)) -> Result<bool, DbError> {
    let row = (slugs::locale.eq(locale), slugs::slug.eq(slug), slugs::product_id.eq(id), slugs::current.eq(true));
    let taken = diesel::insert_into(slugs::table)
        .values(row)
        .on_conflict((slugs::tenant_id, slugs::locale, slugs::slug))
        .do_update()
        .set(slugs::current.eq(true))
        .filter(slugs::product_id.eq(excluded(slugs::product_id)))
        .execute(tx.conn())?;
    Ok(taken == 1)
}

fn retire_others(tx: &mut TenantTx<'_>, id: ProductId, (locale, slug): (Locale, &str)) -> Result<(), DbError> {
    let row = QueryDsl::filter(slugs::table, slugs::tenant_id.eq(tx.tenant()));
    let row = QueryDsl::filter(row, slugs::product_id.eq(id).and(slugs::locale.eq(locale)).and(slugs::slug.ne(slug)));
    diesel::update(row).set(slugs::current.eq(false)).execute(tx.conn())?;
    Ok(())
}
