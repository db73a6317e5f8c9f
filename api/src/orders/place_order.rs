//! `POST /v1/purchases`

use super::{address::AddressBody, problems, view::OrderView};
use crate::{
    app::App,
    extract::{RequiredKey, RequiredOnce, ValidJson, Verified},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::{ids::VariantId, permission::OrdersWrite};
use orders::{PlaceOrder, PlaceOrderError, WantedLine};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A variant and how much of it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct PurchaseLine {
    /// The variant.
    #[garde(skip)]
    variant_id: VariantId,
    /// Units.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    quantity: i64,
}

/// What to order, of any number of sellers.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct PurchaseBody {
    /// What; each variant once.
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    lines: Vec<PurchaseLine>,
    /// Where to.
    #[garde(dive)]
    shipping_address: AddressBody,
    /// Words to the sellers.
    #[garde(inner(length(chars, max = 1000)))]
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// The buyer's own number.
    #[garde(inner(length(chars, max = 100)))]
    #[schema(max_length = 100)]
    po_number: Option<String>,
}

/// The orders that were placed, one for each seller.
#[derive(Debug, Serialize, ToSchema)]
struct PlacedView {
    /// The orders.
    orders: Vec<OrderView>,
}

impl From<PurchaseBody> for PlaceOrder {
    fn from(body: PurchaseBody) -> Self {
        let line = |PurchaseLine { variant_id, quantity }| WantedLine { variant_id, quantity };
        Self {
            lines: body.lines.into_iter().map(line).collect(),
            shipping_address: body.shipping_address.into(),
            note: body.note,
            po_number: body.po_number,
        }
    }
}

impl From<PlaceOrderError> for Problem {
    fn from(error: PlaceOrderError) -> Self {
        let variant = |line: usize, code, en, zh| {
            edge::VALIDATION_FAILED.error(FieldError::new(format!("/lines/{line}/variant_id"), code, en, zh))
        };
        match error {
            PlaceOrderError::NotOnSale { line } => variant(line, "not_on_sale", "is not on sale", "未在售"),
            PlaceOrderError::Repeated { line } => {
                variant(line, "repeated", "stands in an earlier line", "与前面的行重复")
            }
            PlaceOrderError::OwnProduct { line } => {
                variant(line, "own_product", "is your own product", "不能购买自己的商品")
            }
            PlaceOrderError::MixedCurrencies { line } => {
                variant(line, "other_currency", "is priced in another currency", "币种与同一卖家的其他商品不同")
            }
            PlaceOrderError::Quantity { line, minimum, maximum, increment, nearest } => {
                let en = format!("must be at least {minimum} in steps of {increment}");
                let zh = format!("至少 {minimum}，并以 {increment} 递增");
                let field = FieldError::new(format!("/lines/{line}/quantity"), "quantity_not_offered", en, zh);
                edge::VALIDATION_FAILED
                    .error(field)
                    .with("minimum", minimum)
                    .with("maximum", maximum)
                    .with("increment", increment)
                    .with("nearest", nearest)
            }
            PlaceOrderError::Value => edge::VALIDATION_FAILED.error(FieldError::new(
                "/lines",
                "value_not_payable",
                "have a value that cannot be paid",
                "订单金额无法支付",
            )),
            PlaceOrderError::BuyerNotOpen => edge::TENANT_SUSPENDED.into(),
            PlaceOrderError::OutOfStock { variant_id, available } => {
                problems::OUT_OF_STOCK.with("variant_id", variant_id).with("available", available)
            }
            PlaceOrderError::Db(error) => error.into(),
        }
    }
}

/// Orders from one or more sellers: one order for each of them, all or none.
///
/// Prices follow the sellers' present terms and are frozen; stock is promised until `pay_by`.
#[utoipa::path(operation_id = "place_order", tag = "orders", security(("bearer" = ["orders:write"])),
    params(RequiredKey), request_body = PurchaseBody, responses((status = 201, body = PlacedView)))]
#[post("/v1/purchases")]
pub(super) async fn place_order(
    app: Data<App>,
    caller: Verified<OrdersWrite>,
    once: RequiredOnce,
    body: ValidJson<PurchaseBody>,
) -> Result<HttpResponse, Problem> {
    let (command, terms) = (PlaceOrder::from(body.into_inner()), app.terms.clone());
    app.write("orders.place", &caller, (&once, StatusCode::CREATED), move |tx| {
        let placed = orders::place(tx, &terms, &command)?;
        Ok::<_, PlaceOrderError>(PlacedView { orders: placed.into_iter().map(OrderView::for_buyer).collect() })
    })
    .await
}
