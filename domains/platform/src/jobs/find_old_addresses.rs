use crate::EraseAddresses;
use db::{DbError, PlatformTx};
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};

/// Sweeper: has each chain with addresses that were kept long enough erase them.
///
/// Enqueued by: schedule, daily. Repeats: safe. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FindOldAddresses {}

impl Job for FindOldAddresses {
    const KIND: &'static str = "platform.find_old_addresses";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.platform("platform.find_old_addresses", sweep).await?)
    }
}

fn sweep(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let tenants = audit::with_old_addresses(tx)?;
    tenants.into_iter().try_for_each(|tenant| tx.enqueue_for(tenant, &EraseAddresses {}, "daily"))
}
