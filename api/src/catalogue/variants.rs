//! `/v1/products/{id}/variants`: a product's variants one at a time.

use super::{
    body::CheckedByDomain,
    view::{OneVariant, VariantView},
};
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, Once, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::StatusCode, patch, post, web::Data};
use catalogue::{NewVariant, VariantPatch, WriteProductError};
use kernel::{
    ids::{ProductId, VariantId},
    permission::{CatalogueRead, CatalogueWrite},
};

fn variant_of(request: &HttpRequest) -> Result<VariantId, Problem> {
    PathId::<VariantId>::named(request, "variant")
}

/// Lists a product's variants, in order.
#[utoipa::path(operation_id = "list_variants", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = ProductId, Path)), responses((status = 200, body = List<VariantView>)))]
#[get("/v1/products/{id}/variants")]
pub(super) async fn list_variants(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<ProductId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.read("catalogue.list_variants", &caller, move |tx| {
        let product = catalogue::find(tx, id)?.ok_or(WriteProductError::NotFound)?;
        let data = product.variants.into_iter().map(VariantView::from).collect();
        Ok::<_, WriteProductError>(List { data, has_more: false, next_cursor: None })
    })
    .await
}

/// Shows a variant. Its `ETag` is that of its product.
#[utoipa::path(operation_id = "get_variant", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = ProductId, Path), ("variant" = VariantId, Path)), responses((status = 200, body = VariantView)))]
#[get("/v1/products/{id}/variants/{variant}")]
pub(super) async fn get_variant(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<ProductId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, variant) = (id.get(), variant_of(&request)?);
    app.change("catalogue.find_variant", &caller, move |tx| {
        let product = catalogue::find(tx, id)?.ok_or(WriteProductError::NotFound)?;
        OneVariant::of(product, Some(variant)).ok_or(WriteProductError::NotFound)
    })
    .await
}

/// Adds a variant behind the others; a published product changes in the market at once.
#[utoipa::path(operation_id = "create_variant", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path)), request_body = NewVariant, responses((status = 201, body = VariantView)))]
#[post("/v1/products/{id}/variants")]
pub(super) async fn create_variant(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    id: PathId<ProductId>,
    body: ValidJson<CheckedByDomain<NewVariant>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    let id = id.get();
    app.write("catalogue.create_variant", &caller, (&once, StatusCode::CREATED), move |tx| {
        OneVariant::of(catalogue::add_variant(tx, id, &new)?, None).ok_or(WriteProductError::NotFound)
    })
    .await
}

/// Changes a variant; fields that are absent stay as they are. Stock is changed by adjustments.
#[utoipa::path(operation_id = "update_variant", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), ("variant" = VariantId, Path), IfMatchHeader), request_body = VariantPatch,
    responses((status = 200, body = VariantView)))]
#[patch("/v1/products/{id}/variants/{variant}")]
pub(super) async fn update_variant(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<ProductId>,
    (request, seen): (HttpRequest, IfMatch),
    body: ValidJson<CheckedByDomain<VariantPatch>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let (ids, seen) = ((id.get(), variant_of(&request)?), seen.version());
    app.change("catalogue.update_variant", &caller, move |tx| {
        let product = catalogue::update_variant(tx, ids, (seen, &patch))?;
        OneVariant::of(product, Some(ids.1)).ok_or(WriteProductError::NotFound)
    })
    .await
}

/// Withdraws a variant. One that is promised to orders stays, and so does the last one of a published product.
#[utoipa::path(operation_id = "delete_variant", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), ("variant" = VariantId, Path)), responses((status = 204)))]
#[delete("/v1/products/{id}/variants/{variant}")]
pub(super) async fn delete_variant(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<ProductId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, variant) = (id.get(), variant_of(&request)?);
    app.remove("catalogue.delete_variant", &caller, move |tx| catalogue::withdraw_variant(tx, id, variant).map(drop))
        .await
}
