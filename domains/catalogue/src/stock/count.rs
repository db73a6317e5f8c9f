//! Stock taking: what was counted is what there is.

use super::{
    AdjustInventoryError, MAX_STOCK, Movement, MovementKind, apply,
    read::{InventoryItem, items},
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
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Variants of one count.
const AT_ONCE: usize = 100;

/// How many units of a variant were counted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// The variant.
    pub variant_id: VariantId,
    /// Units at the location, promised ones included.
    pub counted: i64,
}

/// A count at one location.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockCount {
    /// Where; the default location if absent.
    pub location_id: Option<LocationId>,
    /// Why, in 1 to 500 characters.
    pub reason: String,
    /// What was counted: 1 to 100 variants, each once.
    #[schema(min_items = 1)]
    pub counts: Vec<Counted>,
}

/// Takes what was counted for what there is, all or none; what differs is a movement. Never below what is promised to orders.
pub fn count_stock(tx: &mut TenantTx<'_>, count: &StockCount) -> Result<Vec<InventoryItem>, AdjustInventoryError> {
    let wanted = check(count)?;
    let mut faults = Faults::default();
    let location = locations::named(tx, (count.location_id, "/location_id"), &mut faults)?;
    let ids: Vec<VariantId> = wanted.keys().copied().collect();
    let variants = store::lock_variants(tx, &ids)?;
    for (index, counted) in count.counts.iter().enumerate() {
        let known = variants.iter().any(|variant| variant.id == counted.variant_id);
        faults.check(known, format!("/counts/{index}/variant_id"), Rule::Own);
    }
    faults.result().map_err(AdjustInventoryError::Invalid)?;
    let mut changed = 0;
    for mut variant in variants {
        let counted = wanted.get(&variant.id).copied().unwrap_or_default();
        let delta = counted - units_at(tx, &variant, location)?;
        if delta == 0 && variant.on_hand.is_some() {
            continue;
        }
        let (on_hand, reserved) = (variant.on_hand.unwrap_or_default(), variant.reserved);
        if on_hand + delta < reserved || on_hand + delta > MAX_STOCK {
            return Err(AdjustInventoryError::Insufficient { variant_id: variant.id, on_hand, reserved });
        }
        let (kind, reason) = (MovementKind::Count, Some(count.reason.clone()));
        apply(tx, &mut variant, &Movement { delta, kind, reason, order: None, location })?;
        store::set_stock(tx, &variant)?;
        changed += 1;
    }
    tx.audit(
        "inventory.counted",
        tx.tenant(),
        json!({ "variants": ids.len(), "changed": changed, "location": location }),
    )?;
    Ok(items(tx, &ids)?)
}

fn check(count: &StockCount) -> Result<BTreeMap<VariantId, i64>, AdjustInventoryError> {
    let (mut faults, mut wanted) = (Faults::default(), BTreeMap::new());
    faults.line("/reason", &count.reason, 1, 500);
    faults.check(!count.counts.is_empty(), "/counts", Rule::NotEmpty);
    faults.count("/counts", count.counts.len(), AT_ONCE);
    for (index, Counted { variant_id, counted }) in count.counts.iter().enumerate() {
        faults.range(format!("/counts/{index}/counted"), *counted, 0, MAX_STOCK);
        let first = wanted.insert(*variant_id, *counted).is_none();
        faults.check(first, format!("/counts/{index}/variant_id"), Rule::Once);
    }
    faults.result().map_err(AdjustInventoryError::Invalid)?;
    Ok(wanted)
}
