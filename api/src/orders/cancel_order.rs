//! `POST /v1/orders/{id}/cancel`

use super::{problems, view::OrderView};
use crate::{
    app::App,
    extract::{Allowed, Once, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::OrderId, permission::OrdersWrite};
use orders::CancelOrderError;

impl From<CancelOrderError> for Problem {
    fn from(error: CancelOrderError) -> Self {
        match error {
            CancelOrderError::NotFound => edge::NOT_FOUND.into(),
            CancelOrderError::NotCancellable { status } => problems::ORDER_STATUS.with("order_status", status),
            CancelOrderError::PaymentUnderWay => problems::PAYMENT_IN_PROGRESS.into(),
            CancelOrderError::Db(error) => error.into(),
        }
    }
}

/// Cancels an order that the firm has received.
///
/// Only before it is paid. Its stock is free again. Cancelling a cancelled order changes nothing.
#[utoipa::path(operation_id = "cancel_order", tag = "orders", security(("bearer" = ["orders:write"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderView)))]
#[post("/v1/orders/{id}/cancel")]
pub(super) async fn cancel_order(
    app: Data<App>,
    caller: Allowed<OrdersWrite>,
    id: PathId<OrderId>,
    once: Once,
) -> Result<HttpResponse, Problem> {
    app.write("orders.cancel_order", &caller, (&once, StatusCode::OK), move |tx| {
        orders::cancel_as_seller(tx, id.get()).map(OrderView::for_seller)
    })
    .await
}
