use crate::{CountStorage, DeleteDoomedObjects, GiveUpUploads, blob::BlobState, uploads::REMEMBERED};
use chrono::Duration;
use db::{
    DbError, PlatformTx,
    schema::{blobs, storage_gauges, uploads},
};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::TenantId;

/// Tenants looked at in one run; the rest is found by the next.
const BATCH: i64 = 1_000;
/// Byte-hours are never older than this.
const COUNT_EVERY: Duration = Duration::hours(1);

/// Sweeper: leaves jobs for tenants with expired uploads, doomed objects, or byte-hours not counted for an hour.
///
/// Enqueued by: schedule, every ten minutes. Repeats: safe. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FindStorageWork {}

impl Job for FindStorageWork {
    const KIND: &'static str = "files.find_storage_work";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        Ok(context.platform("files.find_storage_work", sweep).await?)
    }
}

fn sweep(tx: &mut PlatformTx<'_>) -> Result<(), DbError> {
    let mut done_with = with_expired_uploads(tx)?;
    done_with.extend(with_old_uploads(tx)?);
    for tenant in done_with {
        tx.enqueue_for(tenant, &GiveUpUploads {}, "sweep")?;
    }
    for tenant in with_doomed_blobs(tx)? {
        tx.enqueue_for(tenant, &DeleteDoomedObjects {}, "sweep")?;
    }
    for tenant in with_uncounted_hours(tx)? {
        tx.enqueue_for(tenant, &CountStorage {}, "sweep")?;
    }
    Ok(())
}

fn with_expired_uploads(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    let now = tx.now();
    Ok(blobs::table
        .filter(blobs::state.eq(BlobState::Pending))
        .filter(blobs::expires_at.le(now))
        .select(blobs::tenant_id)
        .distinct()
        .limit(BATCH)
        .load(tx.conn())?)
}

/// Rows of uploads that ended long ago are to be forgotten.
fn with_old_uploads(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    let before = tx.now() - REMEMBERED;
    Ok(uploads::table
        .filter(uploads::expires_at.le(before))
        .select(uploads::tenant_id)
        .distinct()
        .limit(BATCH)
        .load(tx.conn())?)
}

fn with_doomed_blobs(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    Ok(blobs::table
        .filter(blobs::state.eq(BlobState::Doomed))
        .select(blobs::tenant_id)
        .distinct()
        .limit(BATCH)
        .load(tx.conn())?)
}

fn with_uncounted_hours(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    let before = tx.now() - COUNT_EVERY;
    Ok(storage_gauges::table
        .filter(storage_gauges::bytes.gt(0))
        .filter(storage_gauges::since.le(before))
        .select(storage_gauges::tenant_id)
        .limit(BATCH)
        .load(tx.conn())?)
}
