use super::{Seller, listing::MarketDetail};
use chrono::{DateTime, Utc};
use db::{
    DbError,
    schema::{market_listings as listings, market_sellers as sellers, market_variants},
};
use diesel::{PgConnection, prelude::*};
use kernel::{
    Currency,
    ids::{CategoryId, ProductId, TenantId, VariantId},
};
use std::collections::HashMap;

/// A product as it stands in the market.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = listings)]
pub struct MarketListing {
    /// The product.
    pub id: ProductId,
    /// The firm that sells it.
    pub seller_id: TenantId,
    /// How the firm appears.
    #[diesel(embed)]
    pub seller: SellerNames,
    /// Its title.
    pub title: String,
    /// The seller's own category.
    pub category_id: Option<CategoryId>,
    /// Currency of all prices.
    pub currency: Currency,
    /// Lowest price of one unit, in minor units.
    pub min_price_minor: i64,
    /// Highest price of one unit, in minor units.
    pub max_price_minor: i64,
    /// Everything else.
    pub detail: MarketDetail,
    /// The product's version, for its `ETag`.
    pub version: i64,
    /// When it was first published.
    pub published_at: DateTime<Utc>,
}

/// The names of a listing's seller.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sellers)]
pub struct SellerNames {
    /// Its short name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The listing of a product, if it is in the market.
pub fn find_listing(conn: &mut PgConnection, id: ProductId) -> Result<Option<MarketListing>, DbError> {
    Ok(by_ids(conn, &[id])?.pop())
}

/// The listings with these ids, in their order; those that are gone are left out.
pub(super) fn by_ids(conn: &mut PgConnection, ids: &[ProductId]) -> Result<Vec<MarketListing>, DbError> {
    let rows: Vec<MarketListing> = listings::table
        .inner_join(sellers::table)
        .filter(listings::id.eq_any(ids))
        .select(MarketListing::as_select())
        .load(conn)?;
    let mut by_id: HashMap<ProductId, MarketListing> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// The seller with this short name, if it has ever published and may sell at present.
pub fn find_seller(conn: &mut PgConnection, slug: &str) -> Result<Option<(TenantId, Seller)>, DbError> {
    let row: Option<(TenantId, String, String)> = sellers::table
        .filter(sellers::slug.eq(slug))
        .filter(sellers::withdrawn_at.is_null())
        .select((sellers::seller_id, sellers::slug, sellers::name))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, slug, name)| (id, Seller { slug, name })))
}

/// Who sells each of these variants; those that are not on sale are left out. Everybody may ask.
pub fn sellers_of(conn: &mut PgConnection, variants: &[VariantId]) -> Result<HashMap<VariantId, TenantId>, DbError> {
    let rows: Vec<(VariantId, TenantId)> = market_variants::table
        .filter(market_variants::variant_id.eq_any(variants))
        .select((market_variants::variant_id, market_variants::seller_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
