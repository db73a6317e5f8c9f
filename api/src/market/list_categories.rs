//! `GET /v1/market/categories`

use super::{cached, facets::ValueCount};
use crate::{app::App, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use catalogue::market;
use serde::Serialize;
use utoipa::ToSchema;

/// Categories of the market.
#[derive(Debug, Serialize, ToSchema)]
struct MarketCategories {
    /// At most a hundred, the most common first.
    data: Vec<ValueCount>,
}

/// Lists names of categories with the number of products in them; firms that use the same name share it.
#[utoipa::path(operation_id = "list_market_categories", tag = "market", responses((status = 200, body = MarketCategories)))]
#[get("/v1/market/categories")]
pub(super) async fn list_market_categories(app: Data<App>) -> Result<HttpResponse, Problem> {
    let found = app.db.public("market.list_categories", |tx| market::common_categories(tx.conn())).await?;
    Ok(cached::for_minutes(&MarketCategories { data: found.into_iter().map(ValueCount::from).collect() }))
}
