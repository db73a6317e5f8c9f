use crate::SealAuditChain;
use db::{DbError, PlatformTx};
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};

/// Sweeper: has each chain that was told something lately put its new rows under a signed root.
///
/// Enqueued by: schedule, every hour. Repeats: safe. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FindNewAuditRows {}

impl Job for FindNewAuditRows {
    const KIND: &'static str = "platform.find_new_audit_rows";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.platform("platform.find_new_audit_rows", sweep).await?)
    }
}

fn sweep(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let tenants = audit::with_new_rows(tx)?;
    tenants.into_iter().try_for_each(|tenant| tx.enqueue_for(tenant, &SealAuditChain {}, "hourly"))
}
