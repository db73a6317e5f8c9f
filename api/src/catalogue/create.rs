//! `POST /v1/products`

use super::{
    body::{CheckedByDomain, PRODUCT_LIMIT},
    view::ProductView,
};
use crate::{
    app::App,
    extract::{Allowed, Once, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use catalogue::NewProduct;
use kernel::permission::CatalogueWrite;

/// Writes a new product as a draft, which nobody else sees until it is published.
#[utoipa::path(operation_id = "create_product", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = NewProduct, responses((status = 201, body = ProductView)))]
#[post("/v1/products")]
pub(super) async fn create_product(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    body: ValidJson<CheckedByDomain<NewProduct>, PRODUCT_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    app.write("catalogue.create", &caller, (&once, StatusCode::CREATED), move |tx| {
        catalogue::create(tx, &new).map(ProductView::from)
    })
    .await
}
