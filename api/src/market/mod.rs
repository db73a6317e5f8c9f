//! The market: published products of all firms, for everybody.

mod cached;
mod facets;
mod get_product;
mod get_seller;
mod list_categories;
mod search;
mod suggest;
mod view;

use crate::problem::{Problem, edge};
use db::DbError;
use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the market.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(search::search_market)
        .service(suggest::suggest_market)
        .service(list_categories::list_market_categories);
    cfg.service(get_product::get_market_product).service(get_seller::get_market_seller);
}

/// Why something of the market could not be shown.
#[derive(Debug, thiserror::Error)]
enum LookUpError {
    #[error("not in the market")]
    NotFound,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<LookUpError> for Problem {
    fn from(error: LookUpError) -> Self {
        match error {
            LookUpError::NotFound => edge::NOT_FOUND.into(),
            LookUpError::Db(error) => error.into(),
        }
    }
}
