//! Units in the warehouse: every change is a movement with a reason, and the last ones are told of.

use crate::{
    events::InventoryLow,
    store,
    validate::{Fault, Faults},
    variant::Variant,
};
use audit::Audited;
use db::{
    DbError, Keep, TenantTx,
    schema::{product_variants as variants, products, stock_movements as movements},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{
    ids::{OrderId, VariantId},
    pages::{Page, PageRequest},
    text_enum,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

kernel::define_id!(
    /// One change of stock.
    MovementId,
    "mov"
);

text_enum! {
    /// What changed stock.
    pub(crate) enum MovementKind {
        /// The first count, written with the variant.
        Initial = "initial",
        /// The seller, for the reason given.
        Adjustment = "adjustment",
        /// An order that was paid.
        Sale = "sale",
    }
}

/// The most units a variant may have.
const MAX_STOCK: i64 = 1_000_000_000;

/// What changes a variant's stock, and why.
#[derive(Debug, Clone)]
pub(crate) struct Movement {
    pub(crate) delta: i64,
    pub(crate) kind: MovementKind,
    pub(crate) reason: Option<String>,
    pub(crate) order: Option<OrderId>,
}

/// Applies a movement to a locked variant and writes it down; the caller stores the variant.
pub(crate) fn apply(tx: &mut TenantTx<'_>, variant: &mut Variant, movement: &Movement) -> Result<(), DbError> {
    let before = variant.on_hand.unwrap_or_default();
    let after = before.checked_add(movement.delta).ok_or_else(|| DbError::Corrupt("stock out of range".into()))?;
    variant.on_hand = Some(after);
    let row = (
        movements::id.eq(tx.new_id::<MovementId>()),
        movements::variant_id.eq(variant.id),
        movements::delta.eq(movement.delta),
        movements::on_hand.eq(after),
        movements::kind.eq(movement.kind),
        movements::reason.eq(&movement.reason),
        movements::order_id.eq(movement.order),
        movements::at.eq(tx.now()),
    );
    diesel::insert_into(movements::table).values(row).kept().execute(tx.conn())?;
    if variant.low_stock_at.is_some_and(|threshold| after <= threshold && before > threshold) {
        tx.emit(&InventoryLow::of(variant))?;
    }
    Ok(())
}

/// A change of stock by the seller.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// The variant. One without a count gets one that starts at zero.
    pub variant_id: VariantId,
    /// Units added; negative: taken away.
    pub delta: i64,
    /// Why, in 1 to 500 characters.
    pub reason: String,
}

/// Why stock was not adjusted.
#[derive(Debug, thiserror::Error)]
pub enum AdjustInventoryError {
    /// No such variant.
    #[error("no such variant")]
    NotFound,
    /// The adjustment itself is wrong.
    #[error("the adjustment is not valid")]
    Invalid(Vec<Fault>),
    /// Fewer units would be left than are promised to orders.
    #[error("{on_hand} units at hand, {reserved} of them reserved")]
    Insufficient {
        /// Units in the warehouse.
        on_hand: i64,
        /// Units promised to orders.
        reserved: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A variant with the title of its product.
#[derive(Debug, Clone)]
pub struct InventoryItem {
    /// The product's title.
    pub title: String,
    /// The variant.
    pub variant: Variant,
}

/// Changes stock by a number of units, with its reason. Never below what is promised to orders.
pub fn adjust_inventory(tx: &mut TenantTx<'_>, adjustment: &Adjustment) -> Result<InventoryItem, AdjustInventoryError> {
    let mut faults = Faults::default();
    faults.adjustment(adjustment);
    faults.result().map_err(AdjustInventoryError::Invalid)?;
    let id = adjustment.variant_id;
    let mut variant = store::lock_variants(tx, &[id])?.pop().ok_or(AdjustInventoryError::NotFound)?;
    let on_hand = variant.on_hand.unwrap_or_default();
    let left = on_hand.saturating_add(adjustment.delta);
    if left < variant.reserved || left > MAX_STOCK {
        return Err(AdjustInventoryError::Insufficient { on_hand, reserved: variant.reserved });
    }
    let (delta, reason) = (adjustment.delta, Some(adjustment.reason.clone()));
    apply(tx, &mut variant, &Movement { delta, kind: MovementKind::Adjustment, reason, order: None })?;
    store::set_stock(tx, &variant)?;
    tx.audit("inventory.adjusted", id, json!({ "delta": delta, "on_hand": left }))?;
    find(tx, id)?.ok_or(AdjustInventoryError::NotFound)
}

/// Variants on sale or in drafts with their stock, newest first.
pub fn inventory(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<VariantId>,
) -> Result<Page<InventoryItem, VariantId>, DbError> {
    let mut query = variants::table
        .inner_join(
            products::table.on(products::tenant_id.eq(variants::tenant_id).and(products::id.eq(variants::product_id))),
        )
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(variants::withdrawn_at.is_null())
        .order(variants::id.desc())
        .limit(page.fetch())
        .select((products::title, Variant::as_select()))
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(variants::id.lt(after));
    }
    let rows: Vec<(String, Variant)> = query.load(tx.conn())?;
    let items = rows.into_iter().map(|(title, variant)| InventoryItem { title, variant }).collect();
    Ok(Page::of(items, page, |item: &InventoryItem| item.variant.id))
}

fn find(tx: &mut TenantTx<'_>, id: VariantId) -> Result<Option<InventoryItem>, DbError> {
    let row: Option<(String, Variant)> = variants::table
        .inner_join(
            products::table.on(products::tenant_id.eq(variants::tenant_id).and(products::id.eq(variants::product_id))),
        )
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq(id))
        .select((products::title, Variant::as_select()))
        .first(tx.conn())
        .optional()?;
    Ok(row.map(|(title, variant)| InventoryItem { title, variant }))
}
