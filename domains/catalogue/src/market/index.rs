//! Writes what listings are found by, and tells what came and went to whoever counts.

use super::entry::Entry;
use crate::{categories, product::Product};
use db::{
    DbError, TenantTx,
    schema::{market_changes as changes, market_index as index},
};
use diesel::{
    prelude::*,
    sql_types::{Array, Uuid as SqlUuid},
};
use kernel::ids::{ProductId, TenantId};

/// Makes a listing found by what its product says now.
pub(crate) fn write(tx: &mut TenantTx<'_>, product: &Product, least_price: i64) -> Result<(), DbError> {
    let category = match product.content.category_id {
        Some(id) => categories::find_category(tx, id)?.map(|category| category.name),
        None => None,
    };
    let entry = Entry::of(product, tx.tenant(), category.as_deref());
    let change = (changes::words.eq(entry.counted()), changes::length.eq(entry.length), changes::sign.eq(1_i16));
    let row = (
        index::listing_id.eq(product.id),
        index::seller_id.eq::<TenantId>(tx.tenant()),
        index::title.eq(words::normalised(&product.content.title)),
        index::head.eq(entry.head),
        index::everywhere.eq(entry.everywhere),
        index::weights.eq(entry.weights),
        index::length.eq(entry.length),
        index::facets.eq(entry.facets),
        index::says.eq(entry.says),
        index::min_price_minor.eq(least_price),
        index::published_at.eq(product.published_at.unwrap_or_else(|| tx.now())),
        index::cutter.eq(words::VERSION),
    );
    diesel::insert_into(index::table).values(row).execute(tx.conn())?;
    diesel::insert_into(changes::table).values((changes::id.eq(uuid::Uuid::now_v7()), change)).execute(tx.conn())?;
    Ok(())
}

/// What is counted of a listing is known from its row, so that exactly that is taken back.
const REMOVE: &str = "
WITH gone AS (
    DELETE FROM market_index WHERE listing_id = ANY($1) RETURNING coalesce(everywhere, head) AS words, says, length
)
INSERT INTO market_changes (id, words, length, sign)
SELECT gen_random_uuid(), words || ARRAY(SELECT 'say:' || say FROM unnest(says) AS say), length, -1 FROM gone";

/// Has these listings no longer found.
pub(crate) fn remove(tx: &mut TenantTx<'_>, ids: &[ProductId]) -> Result<(), DbError> {
    diesel::sql_query(REMOVE).bind::<Array<SqlUuid>, _>(ids).execute(tx.conn())?;
    Ok(())
}

/// Some of the tenant's listings that another version of the cutter has cut.
pub(crate) fn outdated(tx: &mut TenantTx<'_>, limit: i64) -> Result<Vec<ProductId>, DbError> {
    let other = index::cutter.lt(words::VERSION).or(index::cutter.gt(words::VERSION));
    Ok(index::table
        .filter(index::seller_id.eq(tx.tenant()))
        .filter(other)
        .order(index::listing_id)
        .limit(limit)
        .select(index::listing_id)
        .load(tx.conn())?)
}
