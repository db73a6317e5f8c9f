//! `POST /v1/orders/{id}/refunds`

use super::problems;
use crate::{
    app::App,
    extract::{Caller, PathId, RequiredKey, RequiredOnce, ValidJson, Verified},
    payments::{ProviderWrite, view::RefundView},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, post, web::Data};
use db::{DbError, TenantTx};
use garde::Validate;
use kernel::{ids::OrderId, permission::PaymentsWrite};
use orders::{RefundOrder, RefundOrderError};
use payments::{Answer, Operation};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to send back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefundBody {
    /// How much; without it all that is left.
    #[garde(inner(range(min = 1)))]
    #[schema(minimum = 1)]
    amount_minor: Option<i64>,
    /// Why.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl From<RefundOrderError> for Problem {
    fn from(error: RefundOrderError) -> Self {
        match error {
            RefundOrderError::NotFound => edge::NOT_FOUND.into(),
            RefundOrderError::NotRefundable { status } => problems::ORDER_STATUS.with("order_status", status),
            RefundOrderError::Exceeds { refundable_minor } => {
                problems::REFUND_EXCEEDS_PAYMENT.with("refundable_minor", refundable_minor)
            }
            RefundOrderError::Record(error) => error.into(),
            RefundOrderError::Db(error) => error.into(),
        }
    }
}

impl ProviderWrite for RefundOrder {
    type View = RefundView;
    type Error = RefundOrderError;

    fn plan(&self, tx: &mut TenantTx<'_>) -> Result<Operation, RefundOrderError> {
        orders::plan_refund(tx, self)
    }

    fn resume(&self, tx: &mut TenantTx<'_>) -> Result<Option<Operation>, DbError> {
        orders::resume_refund(tx, self)
    }

    fn record(
        &self,
        tx: &mut TenantTx<'_>,
        operation: &Operation,
        answer: Option<&Answer>,
    ) -> Result<RefundView, RefundOrderError> {
        let refund = operation.refund_id.ok_or(RefundOrderError::NotFound)?;
        orders::record_refund(tx, refund, answer).map(RefundView::from)
    }
}

/// Sends money of an order back to its buyer, before it is released.
///
/// `pending` means that the outcome is not known yet.
#[utoipa::path(operation_id = "refund_order", tag = "orders", security(("bearer" = ["payments:write"])),
    params(("id" = OrderId, Path), RequiredKey), request_body = RefundBody,
    responses((status = 201, body = RefundView)))]
#[post("/v1/orders/{id}/refunds")]
pub(super) async fn refund_order(
    app: Data<App>,
    caller: Verified<PaymentsWrite>,
    id: PathId<OrderId>,
    once: RequiredOnce,
    body: ValidJson<RefundBody>,
) -> Result<HttpResponse, Problem> {
    let key = once.key(&caller).ok_or_else(|| Problem::new(edge::IDEMPOTENCY_KEY_REQUIRED))?;
    let RefundBody { amount_minor, reason } = body.into_inner();
    let request_key = payments::request_key(Caller::scope(&caller).tenant(), &key);
    let command = RefundOrder { order: id.get(), amount_minor, reason, request_key };
    app.write_at_provider("orders.refund", &caller, key, command).await
}
