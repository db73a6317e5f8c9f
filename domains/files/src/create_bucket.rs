use crate::{Bucket, BucketName, Visibility, bucket::find_bucket};
use audit::Audited;
use db::{DbError, TenantTx, schema::buckets};
use diesel::prelude::*;
use kernel::ids::BucketId;
use serde_json::json;

/// The most buckets a firm may have.
pub(crate) const MAX_BUCKETS: i64 = 100;

/// A bucket to be made.
#[derive(Debug, Clone)]
pub struct CreateBucket {
    /// Its name, unique in the firm.
    pub name: BucketName,
    /// Who may read its files.
    pub visibility: Visibility,
    /// Bytes of the largest file it takes.
    pub max_object_bytes: Option<i64>,
    /// Media types it takes; empty for all.
    pub allowed_types: Vec<String>,
}

/// Why a bucket could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateBucketError {
    /// The firm has a bucket of this name.
    #[error("the firm has a bucket of this name")]
    NameTaken,
    /// The firm has as many buckets as it may.
    #[error("a firm has at most {MAX_BUCKETS} buckets")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes a bucket.
pub fn create_bucket(tx: &mut TenantTx<'_>, command: &CreateBucket) -> Result<Bucket, CreateBucketError> {
    if count(tx)? >= MAX_BUCKETS {
        return Err(CreateBucketError::TooMany);
    }
    let id: BucketId = tx.new_id();
    if !insert(tx, id, command)? {
        return Err(CreateBucketError::NameTaken);
    }
    tx.audit("bucket.created", id, json!({ "name": command.name, "visibility": command.visibility }))?;
    find_bucket(tx, command.name.as_str())?.ok_or(CreateBucketError::NameTaken)
}

fn count(tx: &mut TenantTx<'_>) -> Result<i64, DbError> {
    Ok(buckets::table.filter(buckets::tenant_id.eq(tx.tenant())).count().get_result(tx.conn())?)
}

fn insert(tx: &mut TenantTx<'_>, id: BucketId, command: &CreateBucket) -> Result<bool, DbError> {
    let row = (
        buckets::id.eq(id),
        buckets::name.eq(command.name.as_str()),
        buckets::visibility.eq(command.visibility),
        buckets::max_object_bytes.eq(command.max_object_bytes),
        buckets::allowed_types.eq(&command.allowed_types),
        buckets::created_at.eq(tx.now()),
    );
    Ok(diesel::insert_into(buckets::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}
