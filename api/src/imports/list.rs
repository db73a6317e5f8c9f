//! `GET /v1/product-imports`

use super::view::ProductImportView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{ids::ProductImportId, pages::PageRequest, permission::CatalogueRead};

/// Lists the firm's imports, newest first.
#[utoipa::path(operation_id = "list_product_imports", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<ProductImportView>)))]
#[get("/v1/product-imports")]
pub(super) async fn list_product_imports(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("imports.list", &caller, &page, move |tx, page: &PageRequest<ProductImportId>| {
        Ok::<_, DbError>(imports::list_imports(tx, page)?.map(ProductImportView::from))
    })
    .await
}
