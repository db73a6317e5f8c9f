use chrono::Duration;
use db::{DbError, TenantScope, TenantTx, schema::share_accesses};
use diesel::prelude::*;
use jobs::{Job, JobContext, JobError, Policy};
use uuid::Uuid;

/// How long it is remembered who came by a link.
pub(super) const REMEMBERED: Duration = Duration::days(180);
/// Rows removed in one transaction.
const BATCH: i64 = 1_000;

/// Forgets who came by a firm's links half a year ago.
///
/// Enqueued by: the sweeper `FindOldAccesses`. Repeats: safe. Order: none. Gives up: never of itself.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ForgetAccesses {}

impl Job for ForgetAccesses {
    const KIND: &'static str = "shares.forget_accesses";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        while context.tenant("shares.forget_accesses", forget_some).await? > 0 {}
        Ok(())
    }
}

fn forget_some(tx: &mut TenantTx<'_>) -> Result<usize, DbError> {
    let before = tx.now() - REMEMBERED;
    let old: Vec<Uuid> = share_accesses::table
        .filter(share_accesses::tenant_id.eq(tx.tenant()))
        .filter(share_accesses::at.lt(before))
        .order(share_accesses::at)
        .limit(BATCH)
        .select(share_accesses::id)
        .load(tx.conn())?;
    let rows = share_accesses::table.filter(share_accesses::tenant_id.eq(tx.tenant()));
    Ok(diesel::delete(rows.filter(share_accesses::id.eq_any(old))).execute(tx.conn())?)
}
