//! Takes a product off sale for a while.

use crate::{
    events::ProductUpdated,
    market,
    product::{Product, ProductStatus},
    store,
    update::{fresh, lock_changeable},
    write::WriteProductError,
};
use audit::Audited;
use db::TenantTx;
use jobs::Emit;
use kernel::ids::ProductId;
use serde_json::json;

/// Makes a published product a draft again, out of the market at once. What is promised to orders stays promised.
///
/// A draft stays as it is.
pub fn unpublish(tx: &mut TenantTx<'_>, id: ProductId, seen: Option<i64>) -> Result<Product, WriteProductError> {
    let mut product = lock_changeable(tx, id)?;
    if product.status == ProductStatus::Draft {
        return Ok(product);
    }
    fresh(&product, seen)?;
    store::set_status(tx, &mut product, ProductStatus::Draft)?;
    market::show(tx, &product)?;
    tx.emit(&ProductUpdated::from(&product))?;
    tx.audit("product.unpublished", id, json!({ "version": product.version }))?;
    Ok(product)
}
