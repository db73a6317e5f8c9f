//! `POST /v1/orders/{id}/shipments`

use super::{problems, view::ShipmentView};
use crate::{
    app::App,
    extract::{Allowed, PathId, RequiredKey, RequiredOnce, ValidJson},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::{
    ids::{FileId, OrderId, OrderLineId},
    permission::OrdersWrite,
};
use orders::{ShipOrder, ShipOrderError, ShipmentLine};
use serde::Deserialize;
use utoipa::ToSchema;

/// Some units of a line.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShipmentLineBody {
    /// The line.
    #[garde(skip)]
    line_id: OrderLineId,
    /// Units.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    quantity: i64,
}

/// Goods that were handed to a carrier.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShipmentBody {
    /// Who carries them.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    carrier: String,
    /// The carrier's number.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    tracking_number: String,
    /// Which units; without it all that remain.
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    lines: Option<Vec<ShipmentLineBody>>,
    /// A file of the firm that proves it.
    #[garde(skip)]
    proof_file_id: Option<FileId>,
}

impl From<ShipOrderError> for Problem {
    fn from(error: ShipOrderError) -> Self {
        match error {
            ShipOrderError::NotFound => edge::NOT_FOUND.into(),
            ShipOrderError::NotShippable { status } => problems::ORDER_STATUS.with("order_status", status),
            ShipOrderError::UnknownLine { line } => edge::VALIDATION_FAILED.error(FieldError::new(
                format!("/lines/{line}/line_id"),
                "unknown_line",
                "is not a line of this order, or stands here twice",
                "不是该订单的行，或重复出现",
            )),
            ShipOrderError::TooMany { line, remaining } => edge::VALIDATION_FAILED.error(FieldError::new(
                format!("/lines/{line}/quantity"),
                "too_large",
                format!("must not be greater than {remaining}"),
                format!("不能大于 {remaining}"),
            )),
            ShipOrderError::UnknownFile => edge::VALIDATION_FAILED.error(FieldError::new(
                "/proof_file_id",
                "unknown_file",
                "is not a file of your firm",
                "不是贵公司的文件",
            )),
            ShipOrderError::Db(error) => error.into(),
        }
    }
}

/// Announces that goods of a paid order are on their way, all that remain or some of them.
#[utoipa::path(operation_id = "ship_order", tag = "orders", security(("bearer" = ["orders:write"])),
    params(("id" = OrderId, Path), RequiredKey), request_body = ShipmentBody,
    responses((status = 201, body = ShipmentView)))]
#[post("/v1/orders/{id}/shipments")]
pub(super) async fn ship_order(
    app: Data<App>,
    caller: Allowed<OrdersWrite>,
    id: PathId<OrderId>,
    once: RequiredOnce,
    body: ValidJson<ShipmentBody>,
) -> Result<HttpResponse, Problem> {
    let ShipmentBody { carrier, tracking_number, lines, proof_file_id } = body.into_inner();
    let line = |ShipmentLineBody { line_id, quantity }| ShipmentLine { line_id, quantity };
    let lines = lines.map(|lines| lines.into_iter().map(line).collect());
    let command = ShipOrder { order: id.get(), carrier, tracking_number, lines, proof_file_id };
    let terms = app.terms.clone();
    app.write("orders.ship", &caller, (&once, StatusCode::CREATED), move |tx| {
        orders::ship(tx, &terms, &command).map(ShipmentView::from)
    })
    .await
}
