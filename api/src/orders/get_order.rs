//! `GET /v1/orders/{id}`

use super::view::OrderView;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{ids::OrderId, permission::OrdersRead};

/// Why no order is shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum GetOrderError {
    /// The firm has no such order in this role.
    #[error("no such order")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<GetOrderError> for Problem {
    fn from(error: GetOrderError) -> Self {
        match error {
            GetOrderError::NotFound => edge::NOT_FOUND.into(),
            GetOrderError::Db(error) => error.into(),
        }
    }
}

/// An order that the firm has received.
#[utoipa::path(operation_id = "get_order", tag = "orders", security(("bearer" = ["orders:read"])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderView)))]
#[get("/v1/orders/{id}")]
pub(super) async fn get_order(
    app: Data<App>,
    caller: Allowed<OrdersRead>,
    id: PathId<OrderId>,
) -> Result<HttpResponse, Problem> {
    app.read("orders.get_order", &caller, move |tx| {
        orders::order(tx, id.get())?.map(OrderView::for_seller).ok_or(GetOrderError::NotFound)
    })
    .await
}
