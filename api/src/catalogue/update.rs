//! `PATCH /v1/products/{id}`

use super::{
    body::{CheckedByDomain, PRODUCT_LIMIT},
    view::ProductView,
};
use crate::{
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, patch, web::Data};
use catalogue::{ProductPatch, UpdateProduct};
use kernel::{ids::ProductId, permission::CatalogueWrite};

/// Changes a product; fields that are absent stay as they are. A published product changes in the market at once.
#[utoipa::path(operation_id = "update_product", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), IfMatchHeader), request_body = ProductPatch, responses((status = 200, body = ProductView)))]
#[patch("/v1/products/{id}")]
pub(super) async fn update_product(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<ProductId>,
    seen: IfMatch,
    body: ValidJson<CheckedByDomain<ProductPatch>, PRODUCT_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let command = UpdateProduct { id: id.get(), seen: seen.version(), patch };
    app.change("catalogue.update", &caller, move |tx| catalogue::update(tx, &command).map(ProductView::from)).await
}
