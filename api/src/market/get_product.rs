//! `GET /v1/market/products/{id}`

use super::{LookUpError, cached, view::MarketProductView};
use crate::{answer, app::App, extract::PathId, problem::Problem};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use catalogue::market;
use kernel::ids::ProductId;

/// Shows a product of the market with its whole price ladder.
#[utoipa::path(operation_id = "get_market_product", tag = "market", params(("id" = ProductId, Path)),
    responses((status = 200, body = MarketProductView)))]
#[get("/v1/market/products/{id}")]
pub(super) async fn get_market_product(app: Data<App>, id: PathId<ProductId>) -> Result<HttpResponse, Problem> {
    let id = id.get();
    let found = app.db.public("market.find", move |tx| {
        let listing = market::find_listing(tx.conn(), id)?.ok_or(LookUpError::NotFound)?;
        Ok::<_, LookUpError>(MarketProductView::from(listing))
    });
    Ok(cached::by_tag(answer::versioned(StatusCode::OK, &found.await?)))
}
