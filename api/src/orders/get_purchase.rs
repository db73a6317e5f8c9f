//! `GET /v1/purchases/{id}`

use super::{get_order::GetOrderError, view::OrderView};
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::{ids::OrderId, permission::OrdersRead};

/// An order that the firm has placed.
#[utoipa::path(operation_id = "get_purchase", tag = "orders", security(("bearer" = ["orders:read"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderView)))]
#[get("/v1/purchases/{id}")]
pub(super) async fn get_purchase(
    app: Data<App>,
    caller: Allowed<OrdersRead>,
    id: PathId<OrderId>,
) -> Result<HttpResponse, Problem> {
    app.read("orders.get_purchase", &caller, move |tx| {
        orders::purchase(tx, id.get())?.map(OrderView::for_buyer).ok_or(GetOrderError::NotFound)
    })
    .await
}
