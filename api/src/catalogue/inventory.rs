//! `GET /v1/inventory`

use super::view::InventoryView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{ids::VariantId, pages::PageRequest, permission::CatalogueRead};

/// Lists the stock of every variant, newest first.
#[utoipa::path(operation_id = "list_inventory", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<InventoryView>)))]
#[get("/v1/inventory")]
pub(super) async fn list_inventory(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("catalogue.inventory", &caller, &page, |tx, page: &PageRequest<VariantId>| {
        Ok::<_, DbError>(catalogue::stock::inventory(tx, page)?.map(InventoryView::from))
    })
    .await
}
