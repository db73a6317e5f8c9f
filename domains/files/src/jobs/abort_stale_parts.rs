use crate::{
    ObjectStore,
    blob::{BlobState, of_key},
};
use db::{DbError, PlatformTx, schema::blobs};
use diesel::prelude::*;
use jobs::{Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::{BlobId, TenantId};

/// Sweeper: gives up the uploads in parts that the store still keeps for blobs nobody waits for any more.
///
/// Enqueued by: schedule, every ten minutes. Repeats: safe, what is given up already is a success. Order: none; a blob is
/// pending before its upload begins in the store. Gives up: after many attempts, and the next run tries again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct AbortStaleParts {}

impl Job for AbortStaleParts {
    const KIND: &'static str = "files.abort_stale_parts";
    const POLICY: Policy = Policy::remote();
    type Scope = PlatformScope;
    type Deps = ObjectStore;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        for upload in context.deps().unjoined().await.map_err(JobError::retry)? {
            let Some((tenant, blob)) = of_key(&upload.key) else { continue };
            let waited_for = context.platform("files.look_at_parts", move |tx| is_pending(tx, tenant, blob)).await?;
            if !waited_for {
                context.deps().abort_parts(&upload).await.map_err(JobError::retry)?;
            }
        }
        Ok(())
    }
}

fn is_pending(tx: &mut PlatformTx<'_>, tenant: TenantId, blob: BlobId) -> Result<bool, DbError> {
    let pending = blobs::table
        .filter(blobs::tenant_id.eq(tenant))
        .filter(blobs::id.eq(blob))
        .filter(blobs::state.eq(BlobState::Pending));
    Ok(diesel::select(diesel::dsl::exists(pending)).get_result(tx.conn())?)
}
