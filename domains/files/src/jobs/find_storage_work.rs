use crate::{
    ApplyLifecycle, CountStorage, DeleteDoomedObjects, DrawThumbnails, EndFileJob, FileJobState, GiveUpUploads,
    PurgeStorage, RunFileJob, Scan, ScanBlob, blob::BlobState, thumbnail::DerivativeState, uploads::REMEMBERED,
};
use chrono::Duration;
use db::{
    DbError, PlatformTx,
    schema::{blobs, file_derivatives, file_jobs, jobs as queue, storage_gauges, uploads},
};
use diesel::prelude::*;
use jobs::{EnqueueFor, Job, JobContext, JobError, JobState, PlatformScope, Policy};
use kernel::ids::{BlobId, JobId, TenantId};
use std::collections::BTreeSet;

/// Tenants looked at in one run; the rest is found by the next.
const BATCH: i64 = 1_000;
/// Byte-hours are never older than this.
const COUNT_EVERY: Duration = Duration::hours(1);
/// Work that has a job of its own is looked for after this.
const PATIENCE: Duration = Duration::minutes(10);

/// Sweeper: leaves jobs for tenants with expired uploads, doomed objects, files not scanned, pictures not made smaller, trash or
/// rules that are due, jobs on files that no worker goes on with, or byte-hours not counted for an hour.
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
        tx.enqueue_swept(tenant, &GiveUpUploads {})?;
    }
    for tenant in with_doomed_blobs(tx)? {
        tx.enqueue_swept(tenant, &DeleteDoomedObjects {})?;
    }
    for tenant in with_something_due(tx)? {
        tx.enqueue_swept(tenant, &PurgeStorage {})?;
    }
    for tenant in with_rules(tx)? {
        tx.enqueue_swept(tenant, &ApplyLifecycle {})?;
    }
    for (tenant, blob) in unscanned(tx)? {
        tx.enqueue_for(tenant, &ScanBlob { blob }, blob)?;
    }
    for (tenant, blob) in pictures(tx)? {
        tx.enqueue_for(tenant, &DrawThumbnails { blob }, blob)?;
    }
    for (tenant, id) in without_a_worker(tx)? {
        tx.enqueue_for(tenant, &EndFileJob { id }, id)?;
    }
    for tenant in with_uncounted_hours(tx)? {
        tx.enqueue_swept(tenant, &CountStorage {})?;
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

fn with_something_due(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    let now = tx.now();
    Ok(storage_gauges::table
        .filter(storage_gauges::next_purge_at.le(now))
        .select(storage_gauges::tenant_id)
        .limit(BATCH)
        .load(tx.conn())?)
}

fn with_rules(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    let now = tx.now();
    Ok(storage_gauges::table
        .filter(storage_gauges::next_lifecycle_at.le(now))
        .select(storage_gauges::tenant_id)
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

/// Jobs on files that run, as they say, and that no worker has or will take up.
fn without_a_worker(tx: &mut PlatformTx<'_>) -> Result<Vec<(TenantId, JobId)>, DbError> {
    let before = tx.now() - PATIENCE;
    let running: Vec<(TenantId, JobId)> = file_jobs::table
        .filter(file_jobs::state.eq(FileJobState::Running))
        .filter(file_jobs::created_at.le(before))
        .order(file_jobs::created_at)
        .limit(BATCH)
        .select((file_jobs::tenant_id, file_jobs::id))
        .load(tx.conn())?;
    if running.is_empty() {
        return Ok(running);
    }
    let alive: Vec<serde_json::Value> = queue::table
        .filter(queue::kind.eq(RunFileJob::KIND))
        .filter(queue::state.ne(JobState::Dead))
        .select(queue::payload)
        .load(tx.conn())?;
    let alive: BTreeSet<JobId> = alive
        .into_iter()
        .filter_map(|payload| serde_json::from_value(payload).ok())
        .map(|RunFileJob { id }| id)
        .collect();
    Ok(running.into_iter().filter(|(_, id)| !alive.contains(id)).collect())
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
