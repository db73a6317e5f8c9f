use super::forget_accesses::{ForgetAccesses, REMEMBERED};
use db::{DbError, PlatformTx, schema::share_accesses};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::TenantId;

/// Firms looked at in one run; the rest is found by the next.
const BATCH: i64 = 1_000;

/// Sweeper: leaves jobs for firms that remember too long who came by their links.
///
/// Enqueued by: schedule, every day. Repeats: safe. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FindOldAccesses {}

impl Job for FindOldAccesses {
    const KIND: &'static str = "shares.find_old_accesses";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.platform("shares.find_old_accesses", sweep).await?)
    }
}

fn sweep(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let before = tx.now() - REMEMBERED;
    let firms: Vec<TenantId> = share_accesses::table
        .filter(share_accesses::at.lt(before))
        .select(share_accesses::tenant_id)
        .distinct()
        .limit(BATCH)
        .load(tx.conn())?;
    firms.into_iter().try_for_each(|tenant| tx.enqueue_swept(tenant, &ForgetAccesses {}))
}
