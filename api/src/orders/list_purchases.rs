//! `GET /v1/purchases`

use super::view::OrderView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::permission::OrdersRead;

/// Lists the orders that the firm has placed, newest first.
#[utoipa::path(operation_id = "list_purchases", tag = "orders", security(("bearer" = ["orders:read"])),
    params(PageParams), responses((status = 200, body = List<OrderView>)))]
#[get("/v1/purchases")]
pub(super) async fn list_purchases(
    app: Data<App>,
    caller: Allowed<OrdersRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("orders.list_purchases", &caller, &page, |tx, page| {
        Ok::<_, DbError>(orders::list_purchases(tx, page)?.map(OrderView::for_buyer))
    })
    .await
}
