//! Takes a product off sale for good, while orders that name it stay readable.

use crate::{
    events::ProductArchived,
    market,
    product::{Product, ProductStatus},
    store,
};
use audit::Audited;
use db::{DbError, TenantTx};
use jobs::Emit;
use kernel::ids::ProductId;
use metering::Meter;
use serde_json::json;

/// Why a product could not be archived.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveProductError {
    /// No such product.
    #[error("no such product")]
    NotFound,
    /// The caller saw an older version than the stored one.
    #[error("changed since it was read")]
    Stale {
        /// The stored version.
        current: i64,
    },
    /// Units are promised to buyers who have not paid yet.
    #[error("{reserved} units are reserved")]
    Reserved {
        /// Units promised.
        reserved: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Archives a product, takes it out of the market and gives its place in the plan free.
///
/// Archiving an archived product changes nothing and returns it as it is. Stock that is reserved keeps the product on
/// sale: the reservation either becomes an order or expires (INV-C4).
pub fn archive(tx: &mut TenantTx<'_>, id: ProductId, seen: Option<i64>) -> Result<Product, ArchiveProductError> {
    let mut product = store::lock_product(tx, id)?.ok_or(ArchiveProductError::NotFound)?;
    if product.status == ProductStatus::Archived {
        return Ok(product);
    }
    if seen.is_some_and(|version| version != product.version) {
        return Err(ArchiveProductError::Stale { current: product.version });
    }
    let locked = store::lock_variants(tx, &store::variant_ids(&product.variants))?;
    let reserved: i64 = locked.iter().map(|variant| variant.reserved).sum();
    if reserved > 0 {
        return Err(ArchiveProductError::Reserved { reserved });
    }
    store::set_status(tx, &mut product, ProductStatus::Archived)?;
    market::show(tx, &product)?;
    metering::settle(tx, Meter::Products, 0, -1)?;
    tx.emit(&ProductArchived::from(&product))?;
    tx.audit("product.archived", product.id, json!({ "version": product.version }))?;
    Ok(product)
}
