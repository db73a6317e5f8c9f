use crate::{
    CountStorage, DeleteDoomedObjects, DrawThumbnails, GiveUpUploads, Scan, ScanBlob, blob::BlobState,
    thumbnail::DerivativeState, uploads::REMEMBERED,
};
use chrono::Duration;
use db::{
    DbError, PlatformTx,
    schema::{blobs, file_derivatives, storage_gauges, uploads},
};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use kernel::ids::{BlobId, TenantId};

/// Tenants looked at in one run; the rest is found by the next.
const BATCH: i64 = 1_000;
/// Byte-hours are never older than this.
const COUNT_EVERY: Duration = Duration::hours(1);
/// Work that has a job of its own is looked for after this.
const PATIENCE: Duration = Duration::minutes(10);

/// Sweeper: leaves jobs for tenants with expired uploads, doomed objects, files not scanned, pictures not made smaller, or byte-hours not counted for an hour.
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
    for (tenant, blob) in unscanned(tx)? {
        tx.enqueue_for(tenant, &ScanBlob { blob }, blob)?;
    }
    for (tenant, blob) in pictures(tx)? {
        tx.enqueue_for(tenant, &DrawThumbnails { blob }, blob)?;
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

fn unscanned(tx: &mut PlatformTx<'_>) -> Result<Vec<(TenantId, BlobId)>, DbError> {
    let before = tx.now() - PATIENCE;
    Ok(blobs::table
        .filter(blobs::scan.eq(Scan::Pending))
        .filter(blobs::state.eq(BlobState::Live))
        .filter(blobs::created_at.le(before))
        .select((blobs::tenant_id, blobs::id))
        .limit(BATCH)
        .load(tx.conn())?)
}

fn pictures(tx: &mut PlatformTx<'_>) -> Result<Vec<(TenantId, BlobId)>, DbError> {
    let before = tx.now() - PATIENCE;
    Ok(file_derivatives::table
        .inner_join(
            blobs::table
                .on(blobs::tenant_id.eq(file_derivatives::tenant_id).and(blobs::id.eq(file_derivatives::blob_id))),
        )
        .filter(blobs::scan.is_null().or(blobs::scan.eq(Scan::Clean)))
        .filter(file_derivatives::state.eq(DerivativeState::Waiting))
        .filter(file_derivatives::created_at.le(before))
        .select((file_derivatives::tenant_id, file_derivatives::blob_id))
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
