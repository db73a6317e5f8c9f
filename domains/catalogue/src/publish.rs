//! Puts a product on sale.

use crate::{
    change::go_live,
    events::ProductPublished,
    market::{self, Seller},
    product::{Product, ProductStatus},
    slugs, store,
    texts::with_slugs,
    update::set_content,
    validate::{Fault, Faults},
    write::{self, WriteProductError},
};
use audit::Audited;
use db::{DbError, TenantTx};
use jobs::Emit;
use kernel::ids::ProductId;
use serde_json::json;

/// The wish to put a product on sale.
#[derive(Debug, Clone)]
pub struct PublishProduct {
    /// The product.
    pub id: ProductId,
    /// The version that the caller saw; `None` publishes whatever there is.
    pub seen: Option<i64>,
    /// How the firm appears in the market.
    pub seller: Seller,
}

/// Why a product could not be put on sale.
#[derive(Debug, thiserror::Error)]
pub enum PublishProductError {
    /// No such product.
    #[error("no such product")]
    NotFound,
    /// The caller saw an older version than the stored one.
    #[error("changed since it was read")]
    Stale {
        /// The stored version.
        current: i64,
    },
    /// An archived product is off sale for good.
    #[error("the product is archived")]
    Archived,
    /// It does not say what its category requires, or says it wrongly.
    #[error("the product is not what its category asks for")]
    Invalid(Vec<Fault>),
    /// What was written about it cannot go live.
    #[error(transparent)]
    Change(#[from] WriteProductError),
    /// It has no variant that could be bought.
    #[error("a product on sale needs at least one variant with a price")]
    NothingToSell,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Puts a draft on sale; if it is listed it stands in the market when this transaction commits (INV-C3). What was written about it
/// meanwhile goes live with it, as a whole.
///
/// Publishing a published product about which nothing was written changes nothing and returns it as it is.
pub fn publish(tx: &mut TenantTx<'_>, command: &PublishProduct) -> Result<Product, PublishProductError> {
    let mut product = store::lock_product(tx, command.id)?.ok_or(PublishProductError::NotFound)?;
    match product.status {
        ProductStatus::Published if product.change.is_none() => return Ok(product),
        ProductStatus::Archived => return Err(PublishProductError::Archived),
        ProductStatus::Published | ProductStatus::Draft => {}
    }
    if command.seen.is_some_and(|version| version != product.version) {
        return Err(PublishProductError::Stale { current: product.version });
    }
    if let Some(change) = product.change.clone() {
        product = go_live(tx, product, &change)?;
    }
    if product.status == ProductStatus::Published {
        return Ok(product);
    }
    if product.variants.is_empty() {
        return Err(PublishProductError::NothingToSell);
    }
    let mut faults = Faults::default();
    write::of_category(tx, &mut faults, (&product.content, ProductStatus::Published))?;
    faults.result().map_err(PublishProductError::Invalid)?;
    if let Some(named) = with_slugs(&product.content, product.id) {
        slugs::claim(tx, product.id, (Some(&product), &named))?;
        set_content(tx, &product.id, &named)?;
        product.content = named;
    }
    store::set_status(tx, &mut product, ProductStatus::Published)?;
    market::present_seller(tx, &command.seller)?;
    market::show(tx, &product)?;
    tx.emit(&ProductPublished::from(&product))?;
    tx.audit("product.published", product.id, json!({ "version": product.version }))?;
    Ok(product)
}
