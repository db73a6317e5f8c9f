//! `GET /v1/market/sellers/{slug}`

use super::{LookUpError, cached, view::SellerView};
use crate::{app::App, problem::Problem};
use actix_web::{
    HttpResponse, get,
    web::{Data, Path},
};
use catalogue::market;

/// Shows a firm that sells in the market.
#[utoipa::path(operation_id = "get_market_seller", tag = "market", params(("slug" = String, Path)),
    responses((status = 200, body = SellerView)))]
#[get("/v1/market/sellers/{slug}")]
pub(super) async fn get_market_seller(app: Data<App>, slug: Path<String>) -> Result<HttpResponse, Problem> {
    let slug = slug.into_inner();
    let found = app.public("market.find_seller", move |tx| {
        // PostgreSQL takes no NUL in a text.
        let known = if slug.contains('\0') { None } else { market::find_seller(tx.conn(), &slug)? };
        let (id, seller) = known.ok_or(LookUpError::NotFound)?;
        Ok::<_, LookUpError>(SellerView { id, slug: seller.slug, name: seller.name })
    });
    Ok(cached::by_tag(found.await?))
}
