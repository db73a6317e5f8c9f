//! `POST /v1/products/{id}/archive`

use super::{problems, view::ProductView};
use crate::{
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, Once, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use catalogue::ArchiveProductError;
use kernel::{ids::ProductId, permission::CatalogueWrite};

impl From<ArchiveProductError> for Problem {
    fn from(error: ArchiveProductError) -> Self {
        match error {
            ArchiveProductError::NotFound => edge::NOT_FOUND.into(),
            ArchiveProductError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            ArchiveProductError::Reserved { reserved } => problems::PRODUCT_RESERVED.with("reserved", reserved),
            ArchiveProductError::Db(error) => error.into(),
        }
    }
}

/// Takes a product off sale for good.
///
/// It leaves the market at once; orders that name it stay as they are. Archiving an archived product changes nothing.
#[utoipa::path(operation_id = "archive_product", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), IfMatchHeader), responses((status = 200, body = ProductView)))]
#[post("/v1/products/{id}/archive")]
pub(super) async fn archive_product(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    id: PathId<ProductId>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (id, seen) = (id.get(), seen.version());
    app.write("catalogue.archive", &caller, (&once, StatusCode::OK), move |tx| {
        catalogue::archive(tx, id, seen).map(ProductView::from)
    })
    .await
}
