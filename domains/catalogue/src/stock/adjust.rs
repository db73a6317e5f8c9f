//! The seller changes stock by a number of units, for a reason.

use super::{
    MAX_STOCK, Movement, MovementKind, apply,
    read::{InventoryItem, find_item},
    units_at,
};
use crate::{
    locations::{self, LocationId},
    store,
    validate::{Fault, Faults},
};
use audit::Audited;
use db::{DbError, TenantTx};
use kernel::ids::VariantId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

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
    /// Where; at the default location if absent.
    pub location_id: Option<LocationId>,
}

/// Why stock was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AdjustInventoryError {
    /// No such variant.
    #[error("no such variant")]
    NotFound,
    /// The change itself is wrong.
    #[error("the change is not valid")]
    Invalid(Vec<Fault>),
    /// Fewer units would be left than are promised to orders, or fewer than none at the location.
    #[error("{on_hand} units at hand, {reserved} of them reserved")]
    Insufficient {
        /// The variant.
        variant_id: VariantId,
        /// Units in the warehouse, or at the location.
        on_hand: i64,
        /// Units promised to orders.
        reserved: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Changes stock by a number of units, with its reason. Never below what is promised to orders, nor below none at a location.
pub fn adjust_inventory(tx: &mut TenantTx<'_>, adjustment: &Adjustment) -> Result<InventoryItem, AdjustInventoryError> {
    let mut faults = Faults::default();
    faults.adjustment(adjustment);
    let location = locations::named(tx, (adjustment.location_id, "/location_id"), &mut faults)?;
    faults.result().map_err(AdjustInventoryError::Invalid)?;
    let (id, delta) = (adjustment.variant_id, adjustment.delta);
    let mut variant = store::lock_variants(tx, &[id])?.pop().ok_or(AdjustInventoryError::NotFound)?;
    let there = units_at(tx, &variant, location)?;
    if there.saturating_add(delta) < 0 {
        return Err(AdjustInventoryError::Insufficient { variant_id: id, on_hand: there, reserved: 0 });
    }
    let on_hand = variant.on_hand.unwrap_or_default();
    let left = on_hand.saturating_add(delta);
    if left < variant.reserved || left > MAX_STOCK {
        return Err(AdjustInventoryError::Insufficient { variant_id: id, on_hand, reserved: variant.reserved });
    }
    let (kind, reason) = (MovementKind::Adjustment, Some(adjustment.reason.clone()));
    apply(tx, &mut variant, &Movement { delta, kind, reason, order: None, location })?;
    store::set_stock(tx, &variant)?;
    tx.audit("inventory.adjusted", id, json!({ "delta": delta, "on_hand": left, "location": location }))?;
    find_item(tx, id)?.ok_or(AdjustInventoryError::NotFound)
}
