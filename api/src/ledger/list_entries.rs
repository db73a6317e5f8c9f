//! `GET /v1/ledger/entries`

use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use db::DbError;
use kernel::{
    Currency,
    ids::{AccountId, EntryId},
    permission::PaymentsRead,
};
use ledger::{Entry, Posting, Side};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntryFilters {
    /// Only entries that touch this account.
    account: Option<AccountId>,
}

/// One side of an entry.
#[derive(Debug, Serialize, ToSchema)]
struct PostingView {
    /// The account.
    account_id: AccountId,
    /// The account's name in the book.
    account: String,
    /// The side.
    side: Side,
    /// The amount in minor units.
    amount_minor: i64,
    /// The currency.
    currency: Currency,
}

/// An entry: its debits equal its credits in each currency.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerEntryView {
    /// Its id.
    id: EntryId,
    /// What caused it.
    #[schema(example = "escrow.hold pay_01jd3v7h5w8k2m4n6p8q0r2s4t")]
    source: String,
    /// Its postings.
    postings: Vec<PostingView>,
    /// When it was posted.
    created_at: DateTime<Utc>,
}

impl From<Entry> for LedgerEntryView {
    fn from(entry: Entry) -> Self {
        let posting = |Posting { account_id, account, side, amount_minor, currency }| PostingView {
            account_id,
            account,
            side,
            amount_minor,
            currency,
        };
        Self {
            id: entry.id,
            source: entry.source,
            postings: entry.postings.into_iter().map(posting).collect(),
            created_at: entry.posted_at,
        }
    }
}

/// Lists the entries of the firm's book, newest first.
#[utoipa::path(operation_id = "list_ledger_entries", tag = "ledger", security(("bearer" = ["payments:read"])),
    params(PageParams, EntryFilters), responses((status = 200, body = List<LedgerEntryView>)))]
#[get("/v1/ledger/entries")]
pub(super) async fn list_ledger_entries(
    app: Data<App>,
    caller: Allowed<PaymentsRead>,
    page: PageQuery,
    filters: Filters<EntryFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(EntryFilters { account }) = filters;
    app.list("ledger.entries", &caller, &page, move |tx, page| {
        Ok::<_, DbError>(ledger::entries(tx, account, page)?.map(LedgerEntryView::from))
    })
    .await
}
