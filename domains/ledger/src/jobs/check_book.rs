//! Proves one book.

use crate::{TrialBalance, trial_balance};
use db::{DbError, TenantScope};
use jobs::{Job, JobContext, JobError, Policy};

/// Adds one tenant's book up. A book that is wrong is an alarm: the job is put aside as dead with what it found.
///
/// Enqueued by: [`crate::CheckBooks`]. Repeats: safe, it only reads. Order: none. Gives up: when the book is wrong.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct CheckBook {}

/// What was found in a book that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("the book is wrong: {0:?}")]
struct WrongBook(TrialBalance);

impl Job for CheckBook {
    const KIND: &'static str = "ledger.check_book";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let found: TrialBalance = context
            .tenant("ledger.check_book", trial_balance)
            .await
            .map_err(|error: DbError| JobError::retry(error))?;
        if found.is_right() {
            return Ok(());
        }
        tracing::error!(tenant = %context.scope().tenant(), ?found, "a ledger book is wrong");
        Err(JobError::give_up(WrongBook(found)))
    }
}
