//! Every night: one check for each book.

use crate::jobs::check_book::CheckBook;
use db::{DbError, schema::ledger_accounts};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::TenantId;

/// Leaves a [`CheckBook`] for every tenant that has a book.
///
/// Enqueued by: the schedule, nightly. Repeats: safe, a check that still waits is not doubled. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct CheckBooks {}

impl Job for CheckBooks {
    const KIND: &'static str = "ledger.check_books";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        context
            .platform("ledger.check_books", |tx| {
                let books: Vec<TenantId> =
                    ledger_accounts::table.select(ledger_accounts::tenant_id).distinct().load(tx.conn())?;
                books.into_iter().try_for_each(|tenant| tx.enqueue_for(tenant, &CheckBook {}, "nightly"))
            })
            .await
            .map_err(|error: DbError| JobError::retry(error))
    }
}
