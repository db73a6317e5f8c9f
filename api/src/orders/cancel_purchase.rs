//! `POST /v1/purchases/{id}/cancel`

use super::view::OrderView;
use crate::{
    app::App,
    extract::{Allowed, Once, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::OrderId, permission::OrdersWrite};

/// Cancels an order that the firm has placed.
///
/// Only before it is paid. Its stock is free again. Cancelling a cancelled order changes nothing.
#[utoipa::path(operation_id = "cancel_purchase", tag = "orders", security(("bearer" = ["orders:write"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderView)))]
#[post("/v1/purchases/{id}/cancel")]
pub(super) async fn cancel_purchase(
    app: Data<App>,
    caller: Allowed<OrdersWrite>,
    id: PathId<OrderId>,
    once: Once,
) -> Result<HttpResponse, Problem> {
    app.write("orders.cancel_purchase", &caller, (&once, StatusCode::OK), move |tx| {
        orders::cancel_as_buyer(tx, id.get()).map(OrderView::for_buyer)
    })
    .await
}
