use super::view::SellerView;
use catalogue::market::{Counted, Facets, SellerNames};
use kernel::ids::TenantId;
use serde::Serialize;
use utoipa::ToSchema;

/// A value with the number of products that have it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ValueCount {
    /// The value.
    #[schema(example = "茶具")]
    value: String,
    /// Products.
    #[schema(example = 12)]
    count: i64,
}

impl From<Counted<String>> for ValueCount {
    fn from(counted: Counted<String>) -> Self {
        Self { value: counted.value, count: counted.count }
    }
}

/// A firm with the number of its products.
#[derive(Debug, Serialize, ToSchema)]
struct SellerCount {
    /// The firm.
    seller: SellerView,
    /// Products.
    count: i64,
}

/// A range of prices with the number of products whose lowest price lies in it.
#[derive(Debug, Serialize, ToSchema)]
struct PriceCount {
    /// The lowest price of the range, in minor units.
    from: i64,
    /// The first price above it; null if there is none.
    #[schema(required)]
    below: Option<i64>,
    /// Products.
    count: i64,
}

/// The values of an attribute or option.
#[derive(Debug, Serialize, ToSchema)]
struct AttributeCounts {
    /// Its name.
    #[schema(example = "颜色")]
    name: String,
    /// Its values, the most common first.
    values: Vec<ValueCount>,
}

/// By what a result can be narrowed, with the number of products each.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FacetsView {
    /// Products that were counted: all that fit, but no more than 2,000 of them.
    counted: i64,
    /// Names of categories.
    categories: Vec<ValueCount>,
    /// Firms.
    sellers: Vec<SellerCount>,
    /// Prices.
    prices: Vec<PriceCount>,
    /// Attributes and options.
    attributes: Vec<AttributeCounts>,
}

fn values(counted: Vec<Counted<String>>) -> Vec<ValueCount> {
    counted.into_iter().map(ValueCount::from).collect()
}

impl From<Facets> for FacetsView {
    fn from(facets: Facets) -> Self {
        let seller = |Counted { value: (id, names), count }: Counted<(TenantId, SellerNames)>| {
            let seller = SellerView { id, slug: names.slug, name: names.name };
            SellerCount { seller, count }
        };
        let price =
            |Counted { value: (from, below), count }: Counted<(i64, Option<i64>)>| PriceCount { from, below, count };
        let attribute = |(name, counted)| AttributeCounts { name, values: values(counted) };
        Self {
            counted: facets.counted,
            categories: values(facets.categories),
            sellers: facets.sellers.into_iter().map(seller).collect(),
            prices: facets.prices.into_iter().map(price).collect(),
            attributes: facets.attributes.into_iter().map(attribute).collect(),
        }
    }
}
