//! What there is, and what has happened to it.

use super::{MovementId, MovementKind};
use crate::{locations::LocationId, variant::Variant};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{product_variants as variants, products, stock_levels as levels, stock_movements as movements},
};
use diesel::prelude::*;
use kernel::{
    ids::{OrderId, VariantId},
    pages::{Page, PageRequest},
};

/// A variant with the title of its product, and where it lies.
#[derive(Debug, Clone)]
pub struct InventoryItem {
    /// The product's title.
    pub title: String,
    /// The variant.
    pub variant: Variant,
    /// Units at other locations than the default.
    pub elsewhere: Vec<(LocationId, i64)>,
}

/// A change of stock as it was written down.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = movements)]
pub struct MovementRow {
    /// Its id.
    pub id: MovementId,
    /// The variant.
    pub variant_id: VariantId,
    /// Units that came or, if negative, went.
    pub delta: i64,
    /// Units in all afterwards.
    pub on_hand: i64,
    /// What it was.
    pub kind: MovementKind,
    /// Why, in words.
    pub reason: Option<String>,
    /// The order, if it was one.
    pub order_id: Option<OrderId>,
    /// Where; `None` is the default location.
    pub location_id: Option<LocationId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Variants on sale or in drafts with their stock, newest first.
pub fn inventory(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<VariantId>,
) -> Result<Page<InventoryItem, VariantId>, DbError> {
    let mut query = titled!(tx)
        .filter(variants::withdrawn_at.is_null())
        .order(variants::id.desc())
        .limit(page.fetch())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(variants::id.lt(after));
    }
    let rows: Vec<(String, Variant)> = query.load(tx.conn())?;
    let rows = Page::of(rows, page, |(_, variant): &(String, Variant)| variant.id);
    Ok(Page { data: with_levels(tx, rows.data)?, next: rows.next })
}

/// The variant with its stock, if it is the tenant's.
pub fn find_item(tx: &mut TenantTx<'_>, id: VariantId) -> Result<Option<InventoryItem>, DbError> {
    Ok(items(tx, &[id])?.pop())
}

/// These variants with their stock, in the order of their ids.
pub(super) fn items(tx: &mut TenantTx<'_>, ids: &[VariantId]) -> Result<Vec<InventoryItem>, DbError> {
    let rows: Vec<(String, Variant)> =
        titled!(tx).filter(variants::id.eq_any(ids)).order(variants::id).load(tx.conn())?;
    with_levels(tx, rows)
}

/// Asks where units lie only for variants that lie elsewhere than at the default location.
fn with_levels(tx: &mut TenantTx<'_>, rows: Vec<(String, Variant)>) -> Result<Vec<InventoryItem>, DbError> {
    let split: Vec<VariantId> =
        rows.iter().filter(|(_, variant)| variant.elsewhere > 0).map(|(_, variant)| variant.id).collect();
    let found: Vec<(VariantId, LocationId, i64)> = if split.is_empty() {
        Vec::new()
    } else {
        levels::table
            .filter(levels::tenant_id.eq(tx.tenant()))
            .filter(levels::variant_id.eq_any(split))
            .filter(levels::on_hand.gt(0))
            .order((levels::variant_id, levels::location_id))
            .select((levels::variant_id, levels::location_id, levels::on_hand))
            .load(tx.conn())?
    };
    let item = |(title, variant): (String, Variant)| {
        let mine = found.iter().filter(|(id, ..)| *id == variant.id);
        InventoryItem { title, elsewhere: mine.map(|(_, location, units)| (*location, *units)).collect(), variant }
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Changes of stock, newest first; of one variant only, if one is given.
pub fn movements(
    tx: &mut TenantTx<'_>,
    variant: Option<VariantId>,
    page: &PageRequest<MovementId>,
) -> Result<Page<MovementRow, MovementId>, DbError> {
    let mut query = movements::table
        .filter(movements::tenant_id.eq(tx.tenant()))
        .order(movements::id.desc())
        .limit(page.fetch())
        .select(MovementRow::as_select())
        .into_boxed();
    if let Some(variant) = variant {
        query = query.filter(movements::variant_id.eq(variant));
    }
    if let Some(after) = page.after {
        query = query.filter(movements::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row: &MovementRow| row.id))
}

/// The tenant's variants with their products' titles.
macro_rules! titled {
    ($tx:expr) => {
        variants::table
            .inner_join(
                products::table
                    .on(products::tenant_id.eq(variants::tenant_id).and(products::id.eq(variants::product_id))),
            )
            .filter(variants::tenant_id.eq($tx.tenant()))
            .filter(products::tenant_id.eq($tx.tenant()))
            .select((products::title, Variant::as_select()))
    };
}
use titled;
