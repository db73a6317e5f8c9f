//! Takes a whole firm out of the market, and puts it back.

use super::{index, listing::show};
use crate::{product::ProductStatus, read, store};
use db::{
    DbError, TenantTx,
    schema::{market_listings as listings, market_sellers as sellers, market_variants},
};
use diesel::prelude::*;
use kernel::{
    ids::{ProductId, TenantId},
    pages::PageRequest,
};

/// Products put back by one transaction.
const AT_ONCE: i64 = 100;

/// Hides all that the tenant offers. Its products stay as they are.
pub fn withdraw_seller(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let (seller, now) = (tx.tenant(), tx.now());
    // First, so that whoever shows something and holds this row has ended, and what it shows is found below.
    diesel::update(sellers::table.filter(sellers::seller_id.eq(seller)).filter(sellers::withdrawn_at.is_null()))
        .set(sellers::withdrawn_at.eq(now))
        .execute(tx.conn())?;
    let ids: Vec<ProductId> =
        listings::table.filter(listings::seller_id.eq(seller)).select(listings::id).load(tx.conn())?;
    index::remove(tx, &ids)?;
    diesel::delete(listings::table.filter(listings::seller_id.eq(seller))).execute(tx.conn())?;
    diesel::delete(market_variants::table.filter(market_variants::seller_id.eq(seller))).execute(tx.conn())?;
    Ok(())
}

/// Shows some of what the tenant offers again, from the product `after` on. Returns where to go on; when all is shown, the tenant
/// itself is.
pub fn restore_seller(tx: &mut TenantTx<'_>, after: Option<ProductId>) -> Result<Option<ProductId>, DbError> {
    let some = read::list(tx, Some(ProductStatus::Published), &PageRequest { limit: AT_ONCE, after })?;
    for product in &some.data {
        show_as_it_is(tx, product.id)?;
    }
    if some.next.is_none() {
        diesel::update(sellers::table.filter(sellers::seller_id.eq(tx.tenant())))
            .set(sellers::withdrawn_at.eq(None::<chrono::DateTime<chrono::Utc>>))
            .execute(tx.conn())?;
    }
    Ok(some.next)
}

/// Has some of the tenant's listings found by what this version of the cutter makes of them. Returns how many there were.
pub(crate) fn cut_outdated(tx: &mut TenantTx<'_>) -> Result<usize, DbError> {
    let shown = sellers::table
        .filter(sellers::seller_id.eq(tx.tenant()))
        .filter(sellers::withdrawn_at.is_null())
        .select(sellers::seller_id)
        .for_share()
        .first::<TenantId>(tx.conn())
        .optional()?;
    if shown.is_none() {
        return Ok(0);
    }
    let ids = index::outdated(tx, AT_ONCE)?;
    for id in &ids {
        show_as_it_is(tx, *id)?;
    }
    Ok(ids.len())
}

/// Shows a product, if it is to be shown: locked, as somebody may be changing it.
fn show_as_it_is(tx: &mut TenantTx<'_>, id: ProductId) -> Result<(), DbError> {
    match store::lock_product(tx, id)? {
        Some(product) => show(tx, &product),
        None => index::remove(tx, &[id]),
    }
}
