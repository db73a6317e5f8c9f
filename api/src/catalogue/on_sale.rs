//! `/v1/products/{id}/unpublish`, `/schedule`, `/change`: off sale and on again, by hand and by the clock, and what waits to be shown.

use super::{body::CheckedByDomain, view::ProductView};
use crate::{
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, Once, PathId, ValidJson, Verified},
    problem::Problem,
};
use actix_web::{HttpResponse, delete, http::StatusCode, post, web::Data};
use catalogue::Schedule;
use kernel::{ids::ProductId, permission::CatalogueWrite};

/// Takes a published product off sale: it is a draft again and leaves the market at once. What is promised to orders stays promised.
#[utoipa::path(operation_id = "unpublish_product", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), IfMatchHeader), responses((status = 200, body = ProductView)))]
#[post("/v1/products/{id}/unpublish")]
pub(super) async fn unpublish_product(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    id: PathId<ProductId>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (id, seen) = (id.get(), seen.version());
    app.write("catalogue.unpublish", &caller, (&once, StatusCode::OK), move |tx| {
        catalogue::unpublish(tx, id, seen).map(ProductView::from)
    })
    .await
}

/// Sets when a product goes on sale and off by itself, in the place of what was set before. Needs a verified e-mail address.
#[utoipa::path(operation_id = "schedule_product", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), IfMatchHeader), request_body = Schedule, responses((status = 200, body = ProductView)))]
#[post("/v1/products/{id}/schedule")]
pub(super) async fn schedule_product(
    app: Data<App>,
    caller: Verified<CatalogueWrite>,
    once: Once,
    (id, seen): (PathId<ProductId>, IfMatch),
    body: ValidJson<CheckedByDomain<Schedule>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(wanted) = body.into_inner();
    let (id, seen) = (id.get(), seen.version());
    app.write("catalogue.schedule", &caller, (&once, StatusCode::OK), move |tx| {
        catalogue::schedule(tx, id, (seen, wanted)).map(ProductView::from)
    })
    .await
}

/// Forgets what was written about a published product as a change and is not shown yet.
#[utoipa::path(operation_id = "discard_product_change", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path)), responses((status = 204)))]
#[delete("/v1/products/{id}/change")]
pub(super) async fn discard_product_change(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<ProductId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.remove("catalogue.discard_change", &caller, move |tx| catalogue::discard_change(tx, id)).await
}
