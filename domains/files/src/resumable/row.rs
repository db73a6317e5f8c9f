//! Rows of resumable uploads.

use crate::{UploadError, uploads::UploadState};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{upload_parts, uploads},
};
use diesel::{prelude::*, upsert::excluded};
use kernel::ids::{BlobId, FileId, UploadId};
use uuid::Uuid;

/// A resumable upload.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = uploads)]
pub(crate) struct Row {
    pub(crate) id: UploadId,
    pub(crate) state: UploadState,
    pub(crate) content_type: Option<String>,
    pub(crate) declared_bytes: Option<i64>,
    pub(crate) sha256: Option<Vec<u8>>,
    pub(crate) blob_id: BlobId,
    pub(crate) store_upload_id: Option<String>,
    pub(crate) file_id: Option<FileId>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) offset_bytes: i64,
    pub(crate) tail_blob_id: Option<BlobId>,
    pub(crate) hash_state: Option<Vec<u8>>,
    pub(crate) head: Option<Vec<u8>>,
    pub(crate) metadata: Option<String>,
    pub(crate) lock_id: Option<Uuid>,
    pub(crate) locked_until: Option<DateTime<Utc>>,
}

/// A part in the store: number and `ETag`.
pub(crate) type PartTag = (i32, String);

macro_rules! of_upload {
    ($tx:expr, $id:expr) => {
        uploads::table
            .filter(uploads::tenant_id.eq($tx.tenant()))
            .filter(uploads::id.eq($id))
            .filter(uploads::kind.eq(crate::uploads::UploadKind::Resumable))
    };
}
pub(super) use of_upload;

/// A resumable upload.
pub(super) fn find(tx: &mut TenantTx<'_>, id: UploadId) -> Result<Row, UploadError> {
    let found = of_upload!(tx, id).select(Row::as_select()).first(tx.conn()).optional();
    found.map_err(DbError::from)?.ok_or(UploadError::NoUpload)
}

/// A resumable upload, its row locked.
pub(super) fn lock(tx: &mut TenantTx<'_>, id: UploadId) -> Result<Row, UploadError> {
    let found = of_upload!(tx, id).select(Row::as_select()).for_update().first(tx.conn()).optional();
    found.map_err(DbError::from)?.ok_or(UploadError::NoUpload)
}

/// Parts that are safe, by number.
pub(super) fn parts(tx: &mut TenantTx<'_>, id: UploadId) -> Result<Vec<PartTag>, DbError> {
    Ok(upload_parts::table
        .filter(upload_parts::tenant_id.eq(tx.tenant()))
        .filter(upload_parts::upload_id.eq(id))
        .order(upload_parts::number)
        .select((upload_parts::number, upload_parts::etag))
        .load(tx.conn())?)
}

/// Notes that parts are safe.
pub(super) fn insert_parts(tx: &mut TenantTx<'_>, id: UploadId, parts: &[PartTag]) -> Result<(), DbError> {
    if parts.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = parts
        .iter()
        .map(|(number, etag)| {
            (upload_parts::upload_id.eq(id), upload_parts::number.eq(number), upload_parts::etag.eq(etag))
        })
        .collect();
    diesel::insert_into(upload_parts::table)
        .values(rows)
        .on_conflict((upload_parts::tenant_id, upload_parts::upload_id, upload_parts::number))
        .do_update()
        .set(upload_parts::etag.eq(excluded(upload_parts::etag)))
        .execute(tx.conn())?;
    Ok(())
}
