//! Reads listings that may fit, in one statement whose work is bounded whatever is looked for.

use super::{search::MarketSort, wanted::Wanted};
use chrono::{DateTime, Utc};
use db::DbError;
use diesel::{
    PgConnection,
    connection::SimpleConnection,
    prelude::*,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::ids::ProductId;

/// Listings that are ranked, of one choice of words and in all.
const OF_ONE: i64 = 1_000;
const IN_ALL: i64 = 2_000;

/// A listing that may fit.
#[derive(Debug, QueryableByName)]
pub(super) struct Candidate {
    #[diesel(sql_type = SqlUuid)]
    pub(super) listing_id: ProductId,
    #[diesel(sql_type = Text)]
    pub(super) title: String,
    #[diesel(sql_type = Binary)]
    pub(super) weights: Vec<u8>,
    #[diesel(sql_type = Integer)]
    pub(super) length: i32,
    #[diesel(sql_type = Array<Text>)]
    pub(super) facets: Vec<String>,
    #[diesel(sql_type = BigInt)]
    pub(super) min_price_minor: i64,
    #[diesel(sql_type = Timestamptz)]
    pub(super) published_at: DateTime<Utc>,
    /// Whether words may stand in its description alone.
    #[diesel(sql_type = Bool)]
    pub(super) by_description: bool,
}

/// Has this transaction's statements use indexes, however common PostgreSQL believes a word to be, and end in time.
const BOUNDS: &str = "SET LOCAL enable_seqscan = off; SET LOCAL statement_timeout = '3s'";

pub(super) fn bound(conn: &mut PgConnection) -> Result<(), DbError> {
    Ok(conn.batch_execute(BOUNDS)?)
}

/// For each choice of words, in order, some listings that have them all: first in their heads, then with their descriptions. The limits
/// end the statement as soon as there are enough.
const FIND: &str = "
SELECT * FROM (
    SELECT found.*, false AS by_description FROM unnest($1) AS choice (words), LATERAL ({head}) AS found
    UNION ALL
    SELECT found.*, true AS by_description FROM unnest($2) AS choice (words), LATERAL ({everywhere}) AS found
) AS candidates LIMIT $6";
const ONE: &str = "
SELECT listing_id, title, weights, length, facets, min_price_minor, published_at FROM market_index
WHERE {column} @> string_to_array(choice.words, E'\\x1f') AND min_price_minor BETWEEN $3 AND $4 LIMIT $5";
/// By price or date: the first of twenty thousand.
const FIRST: &str = "
SELECT * FROM (
    SELECT listing_id, title, weights, length, facets, min_price_minor, published_at FROM market_index
    WHERE {column} @> string_to_array(choice.words, E'\\x1f') AND min_price_minor BETWEEN $3 AND $4 LIMIT 20000
) AS any_of_them ORDER BY {order} LIMIT $5";

const fn order(sort: MarketSort) -> &'static str {
    match sort {
        MarketSort::Relevance | MarketSort::Newest => "published_at DESC, listing_id DESC",
        MarketSort::PriceAscending => "min_price_minor, listing_id",
        MarketSort::PriceDescending => "min_price_minor DESC, listing_id DESC",
    }
}

/// The statement that finds candidates in this order.
fn statement(sort: MarketSort) -> String {
    let one = |column| match sort {
        MarketSort::Relevance => ONE.replace("{column}", column),
        _ => FIRST.replace("{column}", column).replace("{order}", order(sort)),
    };
    FIND.replace("{head}", &one("head")).replace("{everywhere}", &one("everywhere"))
}

/// Listings that have all words of one of the choices in their heads, or of one of the others anywhere.
pub(super) fn find(
    conn: &mut PgConnection,
    (in_head, anywhere): (&[String], &[String]),
    wanted: &Wanted,
    sort: MarketSort,
) -> Result<Vec<Candidate>, DbError> {
    let mut found: Vec<Candidate> = diesel::sql_query(statement(sort))
        .bind::<Array<Text>, _>(in_head)
        .bind::<Array<Text>, _>(anywhere)
        .bind::<BigInt, _>(wanted.min_price)
        .bind::<BigInt, _>(wanted.max_price)
        .bind::<BigInt, _>(OF_ONE)
        .bind::<BigInt, _>(IN_ALL)
        .load(conn)?;
    let mut seen = std::collections::HashSet::new();
    found.retain(|candidate| seen.insert(candidate.listing_id));
    Ok(found)
}

#[derive(QueryableByName)]
struct Listed {
    #[diesel(sql_type = SqlUuid)]
    listing_id: ProductId,
}

/// Listings without regard to words, in order.
pub(super) fn browse(
    conn: &mut PgConnection,
    wanted: &Wanted,
    sort: MarketSort,
    (limit, offset): (i64, i64),
) -> Result<Vec<ProductId>, DbError> {
    let filter = if wanted.filters.is_empty() { "cardinality($1) = 0" } else { "head @> $1" };
    let sql = format!(
        "SELECT listing_id FROM market_index WHERE {filter} AND min_price_minor BETWEEN $2 AND $3
         ORDER BY {} LIMIT $4 OFFSET $5",
        order(sort)
    );
    let found: Vec<Listed> = diesel::sql_query(sql)
        .bind::<Array<Text>, _>(&wanted.filters)
        .bind::<BigInt, _>(wanted.min_price)
        .bind::<BigInt, _>(wanted.max_price)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(conn)?;
    Ok(found.into_iter().map(|row| row.listing_id).collect())
}
