//! Checks and writes that creating and changing a product share.

use crate::{
    categories,
    product::{Content, ProductStatus},
    stock::{self, Movement, MovementKind},
    validate::{self, Fault, Faults, Rule},
    variant::{NewVariant, Variant},
};
use db::{DbError, Keep, TenantTx, schema::product_variants as variants};
use diesel::prelude::*;
use kernel::ids::{FileId, ProductId};

const SKU_CONSTRAINT: &str = "product_variants_sku";

/// Why what a seller wrote cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum WriteProductError {
    /// No such product.
    #[error("no such product")]
    NotFound,
    /// The caller saw an older version than the stored one.
    #[error("changed since it was read")]
    Stale {
        /// The stored version.
        current: i64,
    },
    /// What was written about the same as a change would be lost, or would undo this.
    #[error("a change of this waits")]
    ChangeWaits,
    /// An archived product is not changed any more.
    #[error("the product is archived")]
    Archived,
    /// Fields are wrong.
    #[error("the product is not valid")]
    Invalid(Vec<Fault>),
    /// Another product of the firm has a variant with one of these SKUs.
    #[error("a SKU is taken")]
    SkuTaken,
    /// Another product of the firm has this name in addresses, or had it.
    #[error("the name {slug} is taken")]
    SlugTaken {
        /// The name.
        slug: String,
    },
    /// A variant that would be withdrawn is promised to orders.
    #[error("{sku} is promised to orders")]
    Reserved {
        /// The variant's SKU.
        sku: String,
    },
    /// A published product keeps at least one variant.
    #[error("a published product needs a variant")]
    NothingToSell,
    /// The plan allows no more products.
    #[error("the plan allows {maximum} products")]
    LimitReached {
        /// Products that the plan allows.
        maximum: i64,
        /// Products there are.
        used: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Checks what is written, and that the files and the category it names are the firm's own.
pub(crate) fn check(
    tx: &mut TenantTx<'_>,
    content: &Content,
    (new_variants, status): (&[NewVariant], ProductStatus),
) -> Result<(), WriteProductError> {
    let mut faults = Faults::default();
    validate::content(&mut faults, content);
    validate::variants(&mut faults, &content.options, new_variants);
    faults.result().map_err(WriteProductError::Invalid)?;
    let mut references = Faults::default();
    for (index, file) in content.media.iter().enumerate() {
        references.check(is_own_file(tx, *file)?, format!("/media/{index}"), Rule::Own);
    }
    of_category(tx, &mut references, (content, status))?;
    references.result().map_err(WriteProductError::Invalid)
}

fn is_own_file(tx: &mut TenantTx<'_>, file: FileId) -> Result<bool, DbError> {
    Ok(files::find(tx, file)?.is_some())
}

/// Checks what the product's category asks for: always the kinds of what is said, and of a published product all that is required.
pub(crate) fn of_category(
    tx: &mut TenantTx<'_>,
    faults: &mut Faults,
    (content, status): (&Content, ProductStatus),
) -> Result<(), DbError> {
    let Some(category) = content.category_id else { return Ok(()) };
    let asked = categories::attributes_of(tx, category)?;
    faults.check(asked.is_some(), "/category_id", Rule::Own);
    let asked = asked.unwrap_or_default();
    categories::check_types(faults, &asked, &content.attributes);
    if status == ProductStatus::Published {
        categories::check_required(faults, &asked, &content.attributes);
    }
    Ok(())
}

/// Adds a variant at a position, with its first stock as a movement.
pub(crate) fn add_variant(
    tx: &mut TenantTx<'_>,
    product: ProductId,
    position: i32,
    new: &NewVariant,
) -> Result<Variant, WriteProductError> {
    let mut variant = new.placed(tx.new_id(), product, position);
    let stock = variant.on_hand;
    insert(tx, &variant).map_err(sku_taken)?;
    if let Some(delta) = stock.filter(|stock| *stock > 0) {
        variant.on_hand = Some(0);
        let movement = Movement { delta, kind: MovementKind::Initial, reason: None, order: None, location: None };
        stock::apply(tx, &mut variant, &movement)?;
    }
    Ok(variant)
}

fn insert(tx: &mut TenantTx<'_>, variant: &Variant) -> Result<(), DbError> {
    diesel::insert_into(variants::table).values(variant).kept().execute(tx.conn())?;
    Ok(())
}

/// Names a broken SKU index for what it is.
pub(crate) fn sku_taken(error: DbError) -> WriteProductError {
    if error.is_unique_violation(SKU_CONSTRAINT) { WriteProductError::SkuTaken } else { error.into() }
}
