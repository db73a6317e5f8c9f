//! Finds listings by words and filters.
//!
//! Words are looked up rarest first until enough candidates are at hand, so a common word costs no more than a rare one.
//! Candidates are ranked by BM25: rare words count more, as do weighty fields and short listings. A candidate must hold
//! words worth at least half of the query.

use super::{
    read::{self, MarketListing},
    words,
};
use db::{
    DbError,
    schema::{market_listings as listings, market_sellers as sellers},
};
use diesel::{
    PgConnection,
    prelude::*,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid as SqlUuid},
};
use kernel::{
    ids::{CategoryId, ProductId, TenantId},
    pages::{Page, PageRequest},
    text_enum,
};

/// How far into a result one may page; whoever wants more narrows the search.
const DEEPEST: i64 = 5_000;

text_enum! {
    /// The order of a search's results.
    pub enum MarketSort {
        /// Best match first; without words, newest first.
        Relevance = "relevance",
        /// Newest first.
        Newest = "newest",
        /// Cheapest first.
        PriceAscending = "price_asc",
        /// Dearest first.
        PriceDescending = "price_desc",
    }
}

/// What a visitor looks for.
#[derive(Debug, Clone)]
pub struct MarketQuery {
    /// Words; none finds everything.
    pub text: String,
    /// A seller's own category.
    pub category: Option<CategoryId>,
    /// A seller's id or short name.
    pub seller: Option<String>,
    /// The lowest price of one unit is at least this, in minor units.
    pub min_price: Option<i64>,
    /// The lowest price of one unit is at most this, in minor units.
    pub max_price: Option<i64>,
    /// The order.
    pub sort: MarketSort,
}

/// The filters, with the seller found.
struct Filters {
    category: Option<CategoryId>,
    seller: Option<TenantId>,
    min_price: i64,
    max_price: i64,
}

/// Listings that fit, from the offset `page.after` on.
pub fn search(
    conn: &mut PgConnection,
    query: &MarketQuery,
    page: &PageRequest<i64>,
) -> Result<Page<MarketListing, i64>, DbError> {
    let nothing = Page { data: Vec::new(), next: None };
    let Some(filters) = filters(conn, query)? else { return Ok(nothing) };
    let offset = page.after.unwrap_or_default().clamp(0, DEEPEST);
    let words = words::of_query(&query.text);
    let ids = if !words.is_empty() {
        matching(conn, words, (&filters, query.sort), page.fetch(), offset)?
    } else if query.text.trim().is_empty() {
        all(conn, (&filters, query.sort), page.fetch(), offset)?
    } else {
        return Ok(nothing);
    };
    let ids = Page::of(ids, page, |_| offset + page.limit);
    let next = ids.next.filter(|next| *next < DEEPEST);
    Ok(Page { data: read::by_ids(conn, &ids.data)?, next })
}

fn filters(conn: &mut PgConnection, query: &MarketQuery) -> Result<Option<Filters>, DbError> {
    let seller = match &query.seller {
        None => None,
        Some(text) => match seller_id(conn, text)? {
            None => return Ok(None),
            found => found,
        },
    };
    Ok(Some(Filters {
        category: query.category,
        seller,
        min_price: query.min_price.unwrap_or_default(),
        max_price: query.max_price.unwrap_or(i64::MAX),
    }))
}

fn seller_id(conn: &mut PgConnection, text: &str) -> Result<Option<TenantId>, DbError> {
    if let Ok(id) = text.parse() {
        return Ok(Some(id));
    }
    Ok(sellers::table.filter(sellers::slug.eq(text)).select(sellers::seller_id).first(conn).optional()?)
}

fn all(
    conn: &mut PgConnection,
    (filters, sort): (&Filters, MarketSort),
    limit: i64,
    offset: i64,
) -> Result<Vec<ProductId>, DbError> {
    let mut query = listings::table
        .filter(listings::min_price_minor.between(filters.min_price, filters.max_price))
        .select(listings::id)
        .limit(limit)
        .offset(offset)
        .into_boxed();
    if let Some(category) = filters.category {
        query = query.filter(listings::category_id.eq(category));
    }
    if let Some(seller) = filters.seller {
        query = query.filter(listings::seller_id.eq(seller));
    }
    query = match sort {
        MarketSort::Relevance | MarketSort::Newest => query.order((listings::published_at.desc(), listings::id.desc())),
        MarketSort::PriceAscending => query.order((listings::min_price_minor.asc(), listings::id.asc())),
        MarketSort::PriceDescending => query.order((listings::min_price_minor.desc(), listings::id.desc())),
    };
    Ok(query.load(conn)?)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: ProductId,
}

/// Words that stand in more listings than are counted are all equally common. Candidates are the listings of the rarest
/// words; a common word gives its weightiest ones. 60 words is the length of an ordinary listing.
const MATCHING: &str = "
WITH wanted AS (
    SELECT word, share, ln(1 + 20000.0 / (count + 0.5)) AS rarity, count
    FROM unnest($1, $2) AS query (word, share),
    LATERAL (SELECT count(*) FROM (SELECT FROM market_words m WHERE m.word = query.word LIMIT 20000) counted) AS c (count)
),
rarest AS (
    SELECT word, sum(count) OVER (ORDER BY count, word) - count AS before FROM wanted WHERE count > 0
),
candidates AS (
    SELECT DISTINCT best.listing_id
    FROM rarest,
    LATERAL (SELECT listing_id FROM market_words m WHERE m.word = rarest.word ORDER BY weight DESC LIMIT 4000) AS best
    WHERE before < 4000
),
scored AS (
    SELECT l.id, l.min_price_minor, l.published_at,
        sum(share * rarity * m.weight * 2.2 / (m.weight + 1.2 * (0.25 + 0.75 * l.words / 60.0))) AS score
    FROM candidates
    JOIN market_listings l ON l.id = candidates.listing_id
    JOIN market_words m ON m.listing_id = l.id
    JOIN wanted USING (word)
    WHERE l.min_price_minor BETWEEN $3 AND $4
        AND ($5 IS NULL OR l.category_id = $5) AND ($6 IS NULL OR l.seller_id = $6)
    GROUP BY l.id
    HAVING sum(share * rarity) >= 0.5 * (SELECT sum(share * rarity) FROM wanted)
)
SELECT id FROM scored ORDER BY ";

fn matching(
    conn: &mut PgConnection,
    words: Vec<(String, i32)>,
    (filters, sort): (&Filters, MarketSort),
    limit: i64,
    offset: i64,
) -> Result<Vec<ProductId>, DbError> {
    let order = match sort {
        MarketSort::Relevance => "score DESC, id",
        MarketSort::Newest => "published_at DESC, id DESC",
        MarketSort::PriceAscending => "min_price_minor, id",
        MarketSort::PriceDescending => "min_price_minor DESC, id DESC",
    };
    let (words, shares): (Vec<String>, Vec<i32>) = words.into_iter().unzip();
    let found: Vec<Found> = diesel::sql_query(format!("{MATCHING}{order} LIMIT $7 OFFSET $8"))
        .bind::<Array<Text>, _>(words)
        .bind::<Array<Integer>, _>(shares)
        .bind::<BigInt, _>(filters.min_price)
        .bind::<BigInt, _>(filters.max_price)
        .bind::<Nullable<SqlUuid>, _>(filters.category)
        .bind::<Nullable<SqlUuid>, _>(filters.seller)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}
