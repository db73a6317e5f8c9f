//! `POST /v1/purchases/{id}/confirm-receipt`

use super::{problems, view::OrderView};
use crate::{
    app::App,
    extract::{Allowed, PathId, RequiredKey, RequiredOnce},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::OrderId, permission::OrdersWrite};
use orders::ConfirmReceiptError;

impl From<ConfirmReceiptError> for Problem {
    fn from(error: ConfirmReceiptError) -> Self {
        match error {
            ConfirmReceiptError::NotFound => edge::NOT_FOUND.into(),
            ConfirmReceiptError::NotShipped { status } => problems::ORDER_STATUS.with("order_status", status),
            ConfirmReceiptError::RefundUnderWay => problems::REFUND_IN_PROGRESS.into(),
            ConfirmReceiptError::Db(error) => error.into(),
        }
    }
}

/// Confirms that everything has arrived: the seller gets the money.
#[utoipa::path(operation_id = "confirm_receipt", tag = "orders", security(("bearer" = ["orders:write"])),
    params(("id" = OrderId, Path), RequiredKey), responses((status = 200, body = OrderView)))]
#[post("/v1/purchases/{id}/confirm-receipt")]
pub(super) async fn confirm_receipt(
    app: Data<App>,
    caller: Allowed<OrdersWrite>,
    id: PathId<OrderId>,
    once: RequiredOnce,
) -> Result<HttpResponse, Problem> {
    app.write("orders.confirm_receipt", &caller, (&once, StatusCode::OK), move |tx| {
        orders::confirm_receipt(tx, id.get()).map(OrderView::for_buyer)
    })
    .await
}
