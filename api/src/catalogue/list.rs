//! `GET /v1/products`

use super::view::ProductView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use catalogue::ProductStatus;
use db::DbError;
use kernel::{ids::ProductId, pages::PageRequest, permission::CatalogueRead};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which products.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ProductFilters {
    /// Only products that stand here.
    status: Option<ProductStatus>,
    /// Only products that have this name in addresses, or had it.
    slug: Option<String>,
}

/// Lists the firm's products, newest first.
#[utoipa::path(operation_id = "list_products", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams, ProductFilters), responses((status = 200, body = List<ProductView>)))]
#[get("/v1/products")]
pub(super) async fn list_products(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
    filters: Filters<ProductFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(ProductFilters { status, slug }) = filters;
    app.list("catalogue.list", &caller, &page, move |tx, page: &PageRequest<ProductId>| {
        Ok::<_, DbError>(catalogue::list_named(tx, (status, slug.as_deref()), page)?.map(ProductView::from))
    })
    .await
}
