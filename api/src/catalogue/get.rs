//! `GET /v1/products/{id}`

use super::view::ProductView;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use catalogue::WriteProductError;
use kernel::{ids::ProductId, permission::CatalogueRead};

/// Shows a product with its variants and stock.
#[utoipa::path(operation_id = "get_product", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = ProductId, Path)), responses((status = 200, body = ProductView)))]
#[get("/v1/products/{id}")]
pub(super) async fn get_product(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<ProductId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("catalogue.find", &caller, move |tx| {
        let product = catalogue::find(tx, id)?.ok_or(WriteProductError::NotFound)?;
        Ok::<_, WriteProductError>(ProductView::from(product))
    })
    .await
}
