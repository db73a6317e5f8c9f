//! Units go from one location to another.

use super::{
    AdjustInventoryError, Movement, MovementKind, note, place,
    read::{InventoryItem, find_item},
    units_at,
};
use crate::{
    locations::{self, LocationId},
    store,
    validate::{Faults, Rule},
};
use audit::Audited;
use db::TenantTx;
use kernel::ids::VariantId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Units that go from one location to another.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockTransfer {
    /// The variant.
    pub variant_id: VariantId,
    /// Where they were; the default location if absent.
    pub from_location_id: Option<LocationId>,
    /// Where they go; the default location if absent.
    pub to_location_id: Option<LocationId>,
    /// How many, at least 1.
    pub quantity: i64,
    /// Why, in 1 to 500 characters.
    pub reason: Option<String>,
}

/// Moves units between two locations. How many there are in all stays the same, and so does what is promised.
pub fn transfer_stock(tx: &mut TenantTx<'_>, transfer: &StockTransfer) -> Result<InventoryItem, AdjustInventoryError> {
    let mut faults = Faults::default();
    faults.range("/quantity".to_owned(), transfer.quantity, 1, super::MAX_STOCK);
    if let Some(reason) = &transfer.reason {
        faults.line("/reason", reason, 1, 500);
    }
    let from = locations::named(tx, (transfer.from_location_id, "/from_location_id"), &mut faults)?;
    let to = locations::named(tx, (transfer.to_location_id, "/to_location_id"), &mut faults)?;
    faults.result().map_err(AdjustInventoryError::Invalid)?;
    let id = transfer.variant_id;
    let mut variant = store::lock_variants(tx, &[id])?.pop().ok_or(AdjustInventoryError::NotFound)?;
    let mut same = Faults::default();
    same.check(from != to, "/to_location_id", Rule::AnotherLocation);
    same.result().map_err(AdjustInventoryError::Invalid)?;
    let there = units_at(tx, &variant, from)?;
    if there < transfer.quantity {
        return Err(AdjustInventoryError::Insufficient { variant_id: id, on_hand: there, reserved: 0 });
    }
    for (location, delta) in [(from, -transfer.quantity), (to, transfer.quantity)] {
        place(tx, &mut variant, (location, delta))?;
        let (kind, reason) = (MovementKind::Transfer, transfer.reason.clone());
        note(tx, &variant, &Movement { delta, kind, reason, order: None, location })?;
    }
    store::set_stock(tx, &variant)?;
    tx.audit("inventory.transferred", id, json!({ "quantity": transfer.quantity, "from": from, "to": to }))?;
    find_item(tx, id)?.ok_or(AdjustInventoryError::NotFound)
}
