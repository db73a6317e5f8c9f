//! `GET /v1/ledger/accounts`

use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{Currency, ids::AccountId, permission::PaymentsRead};
use ledger::{Account, AccountKind, Side};
use serde::Serialize;
use utoipa::ToSchema;

/// An account of the firm's book. Amounts are in minor units.
#[derive(Debug, Serialize, ToSchema)]
struct AccountView {
    /// Its id.
    id: AccountId,
    /// Its name in the book.
    #[schema(example = "clearing:stripe")]
    key: String,
    /// What it is for.
    kind: AccountKind,
    /// Its currency.
    currency: Currency,
    /// The side on which the balance is positive.
    normal_side: Side,
    /// The balance.
    balance_minor: i64,
    /// Sum of all debits.
    debits_minor: i64,
    /// Sum of all credits.
    credits_minor: i64,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            key: account.key,
            kind: account.kind,
            currency: account.currency,
            normal_side: account.kind.normal_side(),
            balance_minor: account.totals.balance(account.kind),
            debits_minor: account.totals.debits,
            credits_minor: account.totals.credits,
        }
    }
}

/// Lists the accounts of the firm's book, newest first.
#[utoipa::path(operation_id = "list_ledger_accounts", tag = "ledger", security(("bearer" = ["payments:read"])),
    params(PageParams), responses((status = 200, body = List<AccountView>)))]
#[get("/v1/ledger/accounts")]
pub(super) async fn list_ledger_accounts(
    app: Data<App>,
    caller: Allowed<PaymentsRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("ledger.accounts", &caller, &page, |tx, page| {
        Ok::<_, DbError>(ledger::accounts(tx, page)?.map(AccountView::from))
    })
    .await
}
