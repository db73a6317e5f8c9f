//! `POST /v1/products/{id}/publish`

use super::{problems, view::ProductView};
use crate::{
    app::App,
    extract::{IfMatch, IfMatchHeader, Once, PathId, Verified},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use catalogue::{PublishProduct, PublishProductError, market::Seller};
use kernel::{ids::ProductId, permission::CatalogueWrite};

impl From<PublishProductError> for Problem {
    fn from(error: PublishProductError) -> Self {
        match error {
            PublishProductError::NotFound => edge::NOT_FOUND.into(),
            PublishProductError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            PublishProductError::Archived => problems::PRODUCT_ARCHIVED.into(),
            PublishProductError::Change(error) => error.into(),
            PublishProductError::Invalid(faults) => problems::invalid(faults),
            PublishProductError::NothingToSell => problems::PRODUCT_WITHOUT_VARIANTS.into(),
            PublishProductError::Db(error) => error.into(),
        }
    }
}

/// Puts a product on sale; if it is listed, it is found in the market at once.
///
/// Needs a verified e-mail address and at least one variant. Of a published product, what was written about it as a change goes live as a
/// whole; if nothing was, nothing changes.
#[utoipa::path(operation_id = "publish_product", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), IfMatchHeader), responses((status = 200, body = ProductView)))]
#[post("/v1/products/{id}/publish")]
pub(super) async fn publish_product(
    app: Data<App>,
    caller: Verified<CatalogueWrite>,
    once: Once,
    id: PathId<ProductId>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (id, seen) = (id.get(), seen.version());
    app.write("catalogue.publish", &caller, (&once, StatusCode::OK), move |tx| {
        let firm = tenants::find(tx)?;
        let seller = Seller { slug: firm.slug, name: firm.name };
        catalogue::publish(tx, &PublishProduct { id, seen, seller }).map(ProductView::from)
    })
    .await
}
