use db::TenantScope;
use jobs::{Job, JobContext, JobError, Policy};

/// Erases the plain addresses of one chain that were kept long enough.
///
/// Enqueued by: the sweeper [`crate::FindOldAddresses`]. Repeats: safe, an erased address stays so. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct EraseAddresses {}

impl Job for EraseAddresses {
    const KIND: &'static str = "platform.erase_addresses";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        while context.tenant("platform.erase_addresses", audit::erase_old_addresses).await? > 0 {}
        Ok(())
    }
}
