//! `GET /v1/product-imports/{id}`

use super::view::ProductImportView;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::{ids::ProductImportId, permission::CatalogueRead};

/// Tells how far an import has come.
#[utoipa::path(operation_id = "get_product_import", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = ProductImportId, Path)), responses((status = 200, body = ProductImportView)))]
#[get("/v1/product-imports/{id}")]
pub(super) async fn get_product_import(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<ProductImportId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.read("imports.find", &caller, move |tx| {
        let import = imports::find_import(tx, id)?.ok_or_else(|| Problem::from(edge::NOT_FOUND))?;
        Ok::<_, Problem>(ProductImportView::from(import))
    })
    .await
}
