//! `POST /v1/purchases/{id}/payments`

use super::problems;
use crate::{
    app::App,
    extract::{Caller, PathId, RequiredKey, RequiredOnce, ValidJson, Verified},
    payments::{ProviderWrite, view::PaymentView},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, post, web::Data};
use db::{DbError, TenantTx};
use garde::Validate;
use kernel::{ids::OrderId, permission::PaymentsWrite};
use orders::{PayOrder, PayOrderError};
use payments::{Answer, Operation, PaymentMethod};
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

/// How to pay.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct PaymentBody {
    /// The method.
    #[garde(skip)]
    method: PaymentMethod,
    /// The provider's id of a card or wallet; with it the payment is confirmed at once.
    #[garde(inner(length(min = 1, max = 200), custom(is_token)))]
    #[schema(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_]+$")]
    payment_method: Option<String>,
    /// Where the payer comes back to from the provider's pages.
    #[garde(inner(length(max = 2000), custom(is_web_address)))]
    #[schema(max_length = 2000, example = "https://shop.example.com/paid")]
    return_url: Option<String>,
}

fn is_token(text: &str, (): &()) -> garde::Result {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { Ok(()) } else { Err(garde::Error::new("must be an id of the payment provider")) }
}

fn is_web_address(text: &str, (): &()) -> garde::Result {
    let web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if web { Ok(()) } else { Err(garde::Error::new("must be a web address")) }
}

impl From<PayOrderError> for Problem {
    fn from(error: PayOrderError) -> Self {
        match error {
            PayOrderError::NotFound => edge::NOT_FOUND.into(),
            PayOrderError::NotPayable { status } => problems::ORDER_STATUS.with("order_status", status),
            PayOrderError::UnderWay => problems::PAYMENT_IN_PROGRESS.into(),
            PayOrderError::Record(error) => error.into(),
            PayOrderError::Db(error) => error.into(),
        }
    }
}

impl ProviderWrite for PayOrder {
    type View = PaymentView;
    type Error = PayOrderError;

    fn plan(&self, tx: &mut TenantTx<'_>) -> Result<Operation, PayOrderError> {
        orders::plan_payment(tx, self)
    }

    fn resume(&self, tx: &mut TenantTx<'_>) -> Result<Option<Operation>, DbError> {
        orders::resume_payment(tx, self)
    }

    fn record(
        &self,
        tx: &mut TenantTx<'_>,
        operation: &Operation,
        answer: Option<&Answer>,
    ) -> Result<PaymentView, PayOrderError> {
        orders::record_payment(tx, self.order, operation.payment_id, answer).map(PaymentView::for_payer)
    }
}

/// Pays an order that the firm has placed.
///
/// A refusal by the bank is an answer with status `failed`; a second try is a new payment. `processing` means that the outcome
/// is not known yet: read the purchase again.
#[utoipa::path(operation_id = "pay_order", tag = "orders", security(("bearer" = ["payments:write"])),
    params(("id" = OrderId, Path), RequiredKey), request_body = PaymentBody,
    responses((status = 201, body = PaymentView)))]
#[post("/v1/purchases/{id}/payments")]
pub(super) async fn pay_order(
    app: Data<App>,
    caller: Verified<PaymentsWrite>,
    id: PathId<OrderId>,
    once: RequiredOnce,
    body: ValidJson<PaymentBody>,
) -> Result<HttpResponse, Problem> {
    let key = once.key(&caller).ok_or_else(|| Problem::new(edge::IDEMPOTENCY_KEY_REQUIRED))?;
    let PaymentBody { method, payment_method, return_url } = body.into_inner();
    let request_key = payments::request_key(Caller::scope(&caller).tenant(), &key);
    let command = PayOrder { order: id.get(), method, payment_method, return_url, request_key };
    app.write_at_provider("orders.pay", &caller, key, command).await
}
