//! Uploads that were begun long ago and still lack bytes: what a bucket's rules say of them.

use super::{
    abort::give_up,
    row::{UploadRow, UploadState},
};
use crate::upload::abort;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::uploads};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Text},
};
use kernel::ids::{BlobId, BucketId};

/// Uploads of one folder that were begun by an instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stale<'a> {
    pub(crate) bucket: BucketId,
    pub(crate) folder: &'a str,
    /// Folders of which a rule before this one speaks.
    pub(crate) except: &'a [String],
    pub(crate) by: DateTime<Utc>,
}

/// Those that a rule is for, as a diesel query; a macro because the type of such a query has no short name.
macro_rules! stale {
    ($tx:expr, $wanted:expr) => {
        uploads::table
            .filter(uploads::tenant_id.eq($tx.tenant()))
            .filter(uploads::bucket_id.eq($wanted.bucket))
            .filter(sql::<Bool>("starts_with(uploads.path, ").bind::<Text, _>($wanted.folder).sql(")"))
            .filter(sql::<Bool>("NOT uploads.path ^@ ANY (").bind::<Array<Text>, _>($wanted.except).sql(")"))
            .filter(uploads::state.eq(UploadState::Open))
            .filter(uploads::created_at.le($wanted.by))
    };
}

/// How many there are, the bytes that they declared, and the paths of the first.
pub(crate) fn stale(tx: &mut TenantTx<'_>, wanted: Stale<'_>, paths: i64) -> Result<(i64, i64, Vec<String>), DbError> {
    let (count, bytes) = stale!(tx, wanted)
        .select((sql::<BigInt>("count(*)"), sql::<BigInt>("coalesce(sum(declared_bytes), 0)::bigint")))
        .first(tx.conn())?;
    let first = stale!(tx, wanted)
        .order((uploads::created_at, uploads::id))
        .limit(paths)
        .select(uploads::path)
        .load(tx.conn())?;
    Ok((count, bytes, first))
}

/// Gives the next of them up; how many.
pub(crate) fn end_stale(tx: &mut TenantTx<'_>, wanted: Stale<'_>, limit: i64) -> Result<usize, DbError> {
    let found: Vec<(UploadRow, Option<BlobId>)> = stale!(tx, wanted)
        .order((uploads::created_at, uploads::id))
        .limit(limit)
        .select((UploadRow::as_select(), uploads::tail_blob_id))
        .for_update()
        .load(tx.conn())?;
    for (row, tail) in &found {
        give_up(tx, row)?;
        tail.map_or(Ok(()), |tail| abort(tx, tail))?;
    }
    Ok(found.len())
}
