use crate::answer::Versioned;
use catalogue::market::{self, MarketDetail, MarketListing};
use chrono::{DateTime, Utc};
use kernel::{
    Currency,
    ids::{CategoryId, ProductId, TenantId},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The owner's name in cursors of the market.
pub(super) const PUBLIC: &str = "public";

/// A firm as it appears in the market.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SellerView {
    /// Its id.
    pub(super) id: TenantId,
    /// Its short name in addresses.
    pub(super) slug: String,
    /// Its name.
    pub(super) name: String,
}

/// A product as it stands in the market.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarketProductView {
    /// The product.
    id: ProductId,
    /// Who sells it.
    seller: SellerView,
    /// The title.
    title: String,
    /// The seller's own category.
    #[schema(required)]
    category_id: Option<CategoryId>,
    /// Currency of all prices.
    currency: Currency,
    /// Lowest price of one unit, in minor units.
    min_price_minor: i64,
    /// Highest price of one unit, in minor units.
    max_price_minor: i64,
    /// Everything else.
    #[serde(flatten)]
    detail: MarketDetail,
    /// When it was first published.
    published_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<MarketListing> for MarketProductView {
    fn from(listing: MarketListing) -> Self {
        let seller = SellerView { id: listing.seller_id, slug: listing.seller.slug, name: listing.seller.name };
        Self {
            id: listing.id,
            seller,
            title: listing.title,
            category_id: listing.category_id,
            currency: listing.currency,
            min_price_minor: listing.min_price_minor,
            max_price_minor: listing.max_price_minor,
            detail: listing.detail,
            published_at: listing.published_at,
            version: listing.version,
        }
    }
}

impl Versioned for MarketProductView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// Where what was looked for stands in a product.
#[derive(Debug, Serialize, ToSchema)]
struct Highlight {
    /// The title as HTML: escaped, with `<mark>` around what was looked for. Null if it does not stand there.
    #[schema(required, example = "凤凰<mark>单丛</mark> 500g")]
    title: Option<String>,
    /// The part of the description where it stands, likewise.
    #[schema(required)]
    snippet: Option<String>,
}

/// A product that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MarketHit {
    #[serde(flatten)]
    product: MarketProductView,
    /// Where what was looked for stands in it.
    highlight: Highlight,
}

impl MarketHit {
    pub(super) fn of(listing: MarketListing, looked_for: &market::LookedFor) -> Self {
        let (title, snippet) = looked_for.marked_in(&listing);
        Self { highlight: Highlight { title, snippet }, product: listing.into() }
    }
}
