use crate::bucket::lock_bucket;
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{buckets, files},
};
use diesel::prelude::*;
use serde_json::json;

/// Why a bucket could not be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteBucketError {
    /// No such bucket.
    #[error("no such bucket")]
    NotFound,
    /// It holds files, perhaps in the trash.
    #[error("the bucket holds files, perhaps in the trash")]
    NotEmpty,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Deletes an empty bucket.
pub fn delete_bucket(tx: &mut TenantTx<'_>, name: &str) -> Result<(), DeleteBucketError> {
    // Locked: a file that is stored now refers to the bucket's row and waits, or was there before.
    let bucket = lock_bucket(tx, name)?.ok_or(DeleteBucketError::NotFound)?;
    let row = buckets::table.filter(buckets::tenant_id.eq(tx.tenant())).filter(buckets::id.eq(bucket.id));
    let held = files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::bucket_id.eq(bucket.id));
    let full: bool = diesel::select(diesel::dsl::exists(held)).get_result(tx.conn()).map_err(DbError::from)?;
    if full {
        return Err(DeleteBucketError::NotEmpty);
    }
    diesel::delete(row).execute(tx.conn()).map_err(DbError::from)?;
    tx.audit("bucket.deleted", bucket.id, json!({ "name": name }))?;
    Ok(())
}
