//! `GET /v1/orders`

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

/// Lists the orders that the firm has received, newest first.
#[utoipa::path(operation_id = "list_orders", tag = "orders", security(("bearer" = ["orders:read"])),
    params(PageParams), responses((status = 200, body = List<OrderView>)))]
#[get("/v1/orders")]
pub(super) async fn list_orders(
    app: Data<App>,
    caller: Allowed<OrdersRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("orders.list_orders", &caller, &page, |tx, page| {
        Ok::<_, DbError>(orders::list_orders(tx, page)?.map(OrderView::for_seller))
    })
    .await
}
