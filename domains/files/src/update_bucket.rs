use crate::{
    ApplyRetention, Bucket, Visibility,
    bucket::{bucket_of, lock_bucket},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::buckets};
use diesel::prelude::*;
use jobs::Enqueue;
use serde_json::json;

/// What is to change of a bucket; what is absent stays, and an inner `None` takes a limit away.
#[derive(Debug, Clone, Default)]
pub struct UpdateBucket {
    /// Who may read its files.
    pub visibility: Option<Visibility>,
    /// Bytes of the largest file it takes. Files that are there stay.
    pub max_object_bytes: Option<Option<i64>>,
    /// Media types it takes. Files that are there stay.
    pub allowed_types: Option<Vec<String>>,
    /// How long a deleted file waits in the trash, in days.
    pub trash_days: Option<i32>,
    /// How long an overwritten version is kept, in days.
    pub version_days: Option<i32>,
    /// How many overwritten versions of a file are kept at most.
    pub keep_versions: Option<Option<i32>>,
}

/// Why a bucket could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateBucketError {
    /// No such bucket.
    #[error("no such bucket")]
    NotFound,
    /// The caller saw an older state than the stored one.
    #[error("changed since it was read")]
    Stale {
        /// The stored revision.
        current: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Changes a bucket. New times of keeping count for what waits there already, from when it was deleted or overwritten.
pub fn update_bucket(
    tx: &mut TenantTx<'_>,
    name: &str,
    change: &UpdateBucket,
    seen: Option<i64>,
) -> Result<Bucket, UpdateBucketError> {
    let bucket = lock_bucket(tx, name)?.ok_or(UpdateBucketError::NotFound)?;
    if seen.is_some_and(|seen| seen != bucket.revision) {
        return Err(UpdateBucketError::Stale { current: bucket.revision });
    }
    let changed = applied(&bucket, change);
    if changed == bucket {
        return Ok(bucket);
    }
    store(tx, &changed)?;
    if kept_for(&changed) != kept_for(&bucket) {
        tx.enqueue(&ApplyRetention { bucket: bucket.id })?;
    }
    tx.audit("bucket.updated", bucket.id, json!({ "visibility": changed.visibility }))?;
    Ok(bucket_of(tx, bucket.id)?)
}

fn applied(bucket: &Bucket, change: &UpdateBucket) -> Bucket {
    Bucket {
        visibility: change.visibility.unwrap_or(bucket.visibility),
        max_object_bytes: change.max_object_bytes.unwrap_or(bucket.max_object_bytes),
        allowed_types: change.allowed_types.clone().unwrap_or_else(|| bucket.allowed_types.clone()),
        trash_days: change.trash_days.unwrap_or(bucket.trash_days),
        version_days: change.version_days.unwrap_or(bucket.version_days),
        keep_versions: change.keep_versions.unwrap_or(bucket.keep_versions),
        ..bucket.clone()
    }
}

const fn kept_for(bucket: &Bucket) -> (i32, i32, Option<i32>) {
    (bucket.trash_days, bucket.version_days, bucket.keep_versions)
}

fn store(tx: &mut TenantTx<'_>, bucket: &Bucket) -> Result<(), DbError> {
    diesel::update(buckets::table.filter(buckets::tenant_id.eq(tx.tenant())).filter(buckets::id.eq(bucket.id)))
        .set((
            buckets::visibility.eq(bucket.visibility),
            buckets::max_object_bytes.eq(bucket.max_object_bytes),
            buckets::allowed_types.eq(&bucket.allowed_types),
            buckets::trash_days.eq(bucket.trash_days),
            buckets::version_days.eq(bucket.version_days),
            buckets::keep_versions.eq(bucket.keep_versions),
            buckets::revision.eq(buckets::revision + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}
