//! `GET /v1/categories`

use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use catalogue::Category;
use kernel::{ids::CategoryId, pages::PageRequest, permission::CatalogueRead};

/// Lists the firm's categories in the order they were made.
#[utoipa::path(operation_id = "list_categories", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<Category>)))]
#[get("/v1/categories")]
pub(super) async fn list_categories(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("catalogue.list_categories", &caller, &page, |tx, page: &PageRequest<CategoryId>| {
        catalogue::list_categories(tx, page)
    })
    .await
}
