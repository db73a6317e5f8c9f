//! `GET /v1/balance`

use crate::{app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{Currency, permission::PaymentsRead};
use ledger::Balance;
use serde::Serialize;
use utoipa::ToSchema;

/// What the firm has in one currency, in minor units.
#[derive(Debug, Serialize, ToSchema)]
struct CurrencyBalanceView {
    /// The currency.
    currency: Currency,
    /// Held for orders under way.
    pending_minor: i64,
    /// Can be paid out.
    available_minor: i64,
    /// Held back.
    frozen_minor: i64,
}

/// What the firm has, by currency.
#[derive(Debug, Serialize, ToSchema)]
struct BalanceView {
    /// One row for each currency.
    data: Vec<CurrencyBalanceView>,
}

impl From<Balance> for CurrencyBalanceView {
    fn from(balance: Balance) -> Self {
        let Balance { currency, pending_minor, available_minor, frozen_minor } = balance;
        Self { currency, pending_minor, available_minor, frozen_minor }
    }
}

/// What the firm has: pending, available and frozen, each the sum of postings in its book.
#[utoipa::path(operation_id = "get_balance", tag = "ledger", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = BalanceView)))]
#[get("/v1/balance")]
pub(super) async fn get_balance(app: Data<App>, caller: Allowed<PaymentsRead>) -> Result<HttpResponse, Problem> {
    app.read("ledger.balances", &caller, |tx| {
        let data = ledger::balances(tx)?.into_iter().map(CurrencyBalanceView::from).collect();
        Ok::<_, DbError>(BalanceView { data })
    })
    .await
}
