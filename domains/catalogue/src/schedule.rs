//! When a product goes on sale and off by itself.

use crate::{
    jobs::ApplySchedule,
    market::Seller,
    product::{Product, ProductStatus},
    publish::{PublishProduct, PublishProductError, publish},
    store,
    unpublish::unpublish,
    update::{fresh, lock_changeable},
    validate::{Faults, Rule},
    write::WriteProductError,
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::products};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::ids::ProductId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// When a product goes on sale and off. What is absent happens by hand only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema, Queryable, Selectable)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = products)]
pub struct Schedule {
    /// When it is published, or what was written about it goes live; in the future.
    pub publish_at: Option<DateTime<Utc>>,
    /// When it goes off sale and is a draft again; in the future, and later than `publish_at`.
    pub unpublish_at: Option<DateTime<Utc>>,
}

/// Sets when a product goes on sale and off, in the place of what was set before.
pub fn schedule(
    tx: &mut TenantTx<'_>,
    id: ProductId,
    (seen, wanted): (Option<i64>, Schedule),
) -> Result<Product, WriteProductError> {
    let mut product = lock_changeable(tx, id)?;
    if product.schedule == wanted {
        return Ok(product);
    }
    fresh(&product, seen)?;
    let now = tx.now();
    let mut faults = Faults::default();
    let later = |at: Option<DateTime<Utc>>| at.is_none_or(|at| at > now);
    faults.check(later(wanted.publish_at), "/publish_at", Rule::InTheFuture);
    faults.check(later(wanted.unpublish_at), "/unpublish_at", Rule::InTheFuture);
    let in_order = wanted.publish_at.zip(wanted.unpublish_at).is_none_or(|(on, off)| on < off);
    faults.check(in_order, "/unpublish_at", Rule::LaterThanBeginning);
    faults.result().map_err(WriteProductError::Invalid)?;
    product.version += 1;
    set(tx, &mut product, wanted)?;
    for at in [wanted.publish_at, wanted.unpublish_at].into_iter().flatten() {
        tx.enqueue_at(&ApplySchedule { product_id: id }, at)?;
    }
    tx.audit("product.scheduled", id, json!({ "publish_at": wanted.publish_at, "unpublish_at": wanted.unpublish_at }))?;
    Ok(product)
}

fn set(tx: &mut TenantTx<'_>, product: &mut Product, wanted: Schedule) -> Result<(), DbError> {
    product.schedule = wanted;
    product.updated_at = tx.now();
    diesel::update(products::table.filter(products::tenant_id.eq(tx.tenant())).filter(products::id.eq(product.id)))
        .set((
            products::publish_at.eq(wanted.publish_at),
            products::unpublish_at.eq(wanted.unpublish_at),
            products::version.eq(product.version),
            products::updated_at.eq(product.updated_at),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Does what is due by now. What cannot be published is noted and left as it is; whoever plans it anew is told why by hand.
pub(crate) fn apply(tx: &mut TenantTx<'_>, id: ProductId, seller: &Seller) -> Result<(), DbError> {
    let now = tx.now();
    let due = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
    let Some(product) = store::lock_product(tx, id)? else { return Ok(()) };
    if product.status == ProductStatus::Archived {
        return Ok(());
    }
    if due(product.schedule.publish_at) {
        let published = tx.attempt(|tx| publish(tx, &PublishProduct { id, seen: None, seller: seller.clone() }));
        match published {
            Ok(_) => {}
            Err(PublishProductError::Db(error) | PublishProductError::Change(WriteProductError::Db(error))) => {
                return Err(error);
            }
            Err(refused) => tx.audit_refused("product.scheduled", id, json!({ "refused": refused.to_string() }))?,
        }
        clear(tx, id, |schedule| schedule.publish_at = None)?;
    }
    if due(product.schedule.unpublish_at) {
        match unpublish(tx, id, None) {
            Err(WriteProductError::Db(error)) => return Err(error),
            Ok(_) | Err(_) => clear(tx, id, |schedule| schedule.unpublish_at = None)?,
        }
    }
    Ok(())
}

fn clear(tx: &mut TenantTx<'_>, id: ProductId, forget: impl Fn(&mut Schedule)) -> Result<(), DbError> {
    let Some(mut product) = store::lock_product(tx, id)? else { return Ok(()) };
    let mut schedule = product.schedule;
    forget(&mut schedule);
    set(tx, &mut product, schedule)
}

/// Products of all firms with something due.
pub(crate) fn due(tx: &mut db::PlatformTx<'_>) -> Result<Vec<(kernel::ids::TenantId, ProductId)>, DbError> {
    let now = tx.now();
    Ok(products::table
        .filter(products::status.ne(ProductStatus::Archived))
        .filter(products::publish_at.le(now).or(products::unpublish_at.le(now)))
        .order((products::tenant_id, products::id))
        .limit(1_000)
        .select((products::tenant_id, products::id))
        .load(tx.conn())?)
}
