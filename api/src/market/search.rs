//! `GET /v1/market/products`

use super::view::MarketProductView;
use crate::{
    answer::List,
    app::App,
    extract::{Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use catalogue::market::{self, MarketQuery, MarketSort};
use db::DbError;
use kernel::{ids::CategoryId, pages::PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;

/// What a visitor looks for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MarketFilters {
    /// Words, Chinese or Latin.
    #[param(example = "单丛")]
    q: Option<String>,
    /// Only this category of a seller.
    category: Option<CategoryId>,
    /// Only this seller, by id or short name.
    seller: Option<String>,
    /// Only products whose lowest price is at least this, in minor units.
    min_price: Option<i64>,
    /// Only products whose lowest price is at most this, in minor units.
    max_price: Option<i64>,
    /// The order; `relevance` if absent.
    #[param(inline)]
    sort: Option<MarketSort>,
}

impl From<MarketFilters> for MarketQuery {
    fn from(filters: MarketFilters) -> Self {
        Self {
            text: filters.q.unwrap_or_default(),
            category: filters.category,
            seller: filters.seller,
            min_price: filters.min_price,
            max_price: filters.max_price,
            sort: filters.sort.unwrap_or(MarketSort::Relevance),
        }
    }
}

/// Finds published products of all firms, best match first.
#[utoipa::path(operation_id = "search_market", tag = "market", params(PageParams, MarketFilters),
    responses((status = 200, body = List<MarketProductView>)))]
#[get("/v1/market/products")]
pub(super) async fn search_market(
    app: Data<App>,
    page: PageQuery,
    filters: Filters<MarketFilters>,
) -> Result<HttpResponse, Problem> {
    let query = MarketQuery::from(filters.0);
    app.public_list("market.search", &page, move |tx, page: &PageRequest<i64>| {
        Ok::<_, DbError>(market::search(tx.conn(), &query, page)?.map(MarketProductView::from))
    })
    .await
}
