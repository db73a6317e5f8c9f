//! How long a bucket keeps what was deleted or overwritten.

use crate::{bucket::bucket_named, version::drop_beyond};
use db::{
    DbError, TenantTx,
    schema::{file_versions, files},
};
use diesel::{pg::expression::extensions::IntervalDsl, prelude::*};
use kernel::ids::{BucketId, FileId};

/// Counts anew for the next `limit` files of a bucket after `after`; the last of them, or `None` at the end or if it is gone.
pub(crate) fn apply(
    tx: &mut TenantTx<'_>,
    bucket: BucketId,
    after: Option<FileId>,
    limit: i64,
) -> Result<Option<FileId>, DbError> {
    let Some(settings) = bucket_named(tx, bucket)? else { return Ok(None) };
    let ids = next_files(tx, bucket, after, limit)?;
    diesel::update(
        files::table
            .filter(files::tenant_id.eq(tx.tenant()))
            .filter(files::id.eq_any(&ids))
            .filter(files::deleted_at.is_not_null()),
    )
    .set(files::purge_at.eq(files::deleted_at + settings.trash_days.days()))
    .execute(tx.conn())?;
    diesel::update(
        file_versions::table
            .filter(file_versions::tenant_id.eq(tx.tenant()))
            .filter(file_versions::file_id.eq_any(&ids))
            .filter(file_versions::replaced_at.is_not_null()),
    )
    .set(file_versions::purge_at.eq(file_versions::replaced_at + settings.version_days.days()))
    .execute(tx.conn())?;
    if let Some(kept) = settings.keep_versions {
        for id in &ids {
            drop_beyond(tx, *id, kept.into())?;
        }
    }
    Ok(ids.last().copied())
}

fn next_files(
    tx: &mut TenantTx<'_>,
    bucket: BucketId,
    after: Option<FileId>,
    limit: i64,
) -> Result<Vec<FileId>, DbError> {
    let mut rows = files::table
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::bucket_id.eq(bucket))
        .order(files::id)
        .limit(limit)
        .select(files::id)
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(files::id.gt(after));
    }
    Ok(rows.load(tx.conn())?)
}
