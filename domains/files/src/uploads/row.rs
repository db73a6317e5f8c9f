//! Rows of uploads.

use crate::{
    FilePath, UploadError,
    blob::lock_pending,
    bucket::{find_bucket, find_bucket_by_id},
    upload::{Pending, Taken, abort, maximum},
};
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::uploads};
use diesel::prelude::*;
use kernel::{
    ids::{BlobId, BucketId, FileId, UploadId},
    text_enum,
};

/// How long the row of an upload that has ended tells of it.
pub(crate) const REMEMBERED: Duration = Duration::days(7);

text_enum! {
    /// How an upload's bytes travel.
    pub enum UploadKind {
        /// In one PUT to the object store.
        Single = "single",
        /// In parts, each a PUT to the object store.
        Multipart = "multipart",
        /// In pieces through the API.
        Resumable = "resumable",
    }
}

text_enum! {
    /// How far an upload has come.
    pub enum UploadState {
        /// Bytes may come.
        Open = "open",
        /// All bytes came; the file is about to be shown.
        Sealed = "sealed",
        /// The file is shown.
        Done = "done",
        /// Aborted or expired.
        GivenUp = "given_up",
    }
}

/// An upload, without what only resumable ones have.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = uploads)]
pub(crate) struct UploadRow {
    pub(crate) id: UploadId,
    pub(crate) kind: UploadKind,
    pub(crate) state: UploadState,
    pub(crate) bucket_id: BucketId,
    pub(crate) path: String,
    pub(crate) content_type: Option<String>,
    pub(crate) declared_bytes: Option<i64>,
    pub(crate) sha256: Option<Vec<u8>>,
    pub(crate) blob_id: BlobId,
    pub(crate) store_upload_id: Option<String>,
    pub(crate) part_bytes: Option<i64>,
    pub(crate) file_id: Option<FileId>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
}

impl UploadRow {
    /// Bytes that were declared.
    pub(crate) fn size(&self) -> Result<i64, DbError> {
        self.declared_bytes.ok_or_else(|| DbError::Corrupt("a presigned upload without a size".into()))
    }

    /// The upload as `finish` takes it, with `blob` to be shown. The blob must be pending.
    pub(crate) fn pending(&self, tx: &mut TenantTx<'_>, blob: BlobId) -> Result<Pending, UploadError> {
        let bucket = find_bucket_by_id(tx, self.bucket_id)?.ok_or(UploadError::NoBucket)?;
        let reserved = lock_pending(tx, blob)?.ok_or(UploadError::Ended)?;
        let path: FilePath = self.path.parse().map_err(|_| DbError::Corrupt("the path of an upload is none".into()))?;
        let content_type = self.content_type.clone();
        Ok(Pending {
            blob,
            reserved,
            maximum: maximum(&bucket),
            bucket,
            path,
            content_type,
            on_taken: Taken::NewVersion,
        })
    }
}

/// An upload of any kind.
pub(crate) fn find_any(tx: &mut TenantTx<'_>, id: UploadId) -> Result<UploadRow, UploadError> {
    uploads::table
        .filter(uploads::tenant_id.eq(tx.tenant()))
        .filter(uploads::id.eq(id))
        .select(UploadRow::as_select())
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?
        .ok_or(UploadError::NoUpload)
}

/// A presigned upload of a bucket, its row locked.
pub(crate) fn lock_direct(tx: &mut TenantTx<'_>, bucket: &str, id: UploadId) -> Result<UploadRow, UploadError> {
    let row = find_direct(tx, bucket, id)?;
    uploads::table
        .filter(uploads::tenant_id.eq(tx.tenant()))
        .filter(uploads::id.eq(row.id))
        .select(UploadRow::as_select())
        .for_update()
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?
        .ok_or(UploadError::NoUpload)
}

/// A presigned upload of a bucket.
pub(crate) fn find_direct(tx: &mut TenantTx<'_>, bucket: &str, id: UploadId) -> Result<UploadRow, UploadError> {
    let bucket = find_bucket(tx, bucket)?.ok_or(UploadError::NoUpload)?;
    uploads::table
        .filter(uploads::tenant_id.eq(tx.tenant()))
        .filter(uploads::id.eq(id))
        .filter(uploads::bucket_id.eq(bucket.id))
        .filter(uploads::kind.ne(UploadKind::Resumable))
        .select(UploadRow::as_select())
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?
        .ok_or(UploadError::NoUpload)
}

/// open or sealed -> done.
pub(crate) fn set_done(tx: &mut TenantTx<'_>, id: UploadId, file: FileId) -> Result<(), DbError> {
    diesel::update(uploads::table.filter(uploads::tenant_id.eq(tx.tenant())).filter(uploads::id.eq(id)))
        .set((uploads::state.eq(UploadState::Done), uploads::file_id.eq(file)))
        .execute(tx.conn())?;
    Ok(())
}

/// open or sealed -> `given_up`.
pub(crate) fn set_given_up(tx: &mut TenantTx<'_>, id: UploadId) -> Result<(), DbError> {
    let under_way = uploads::table
        .filter(uploads::tenant_id.eq(tx.tenant()))
        .filter(uploads::id.eq(id))
        .filter(uploads::state.eq_any([UploadState::Open, UploadState::Sealed]));
    diesel::update(under_way).set(uploads::state.eq(UploadState::GivenUp)).execute(tx.conn())?;
    Ok(())
}

/// Gives up the uploads whose time is over, and the room that they hold.
pub(crate) fn end_expired(tx: &mut TenantTx<'_>, limit: i64) -> Result<(), DbError> {
    let now = tx.now();
    let expired: Vec<(UploadId, BlobId, Option<BlobId>)> = uploads::table
        .filter(uploads::tenant_id.eq(tx.tenant()))
        .filter(uploads::state.eq_any([UploadState::Open, UploadState::Sealed]))
        .filter(uploads::expires_at.le(now))
        .order(uploads::expires_at)
        .limit(limit)
        .select((uploads::id, uploads::blob_id, uploads::tail_blob_id))
        .for_update()
        .load(tx.conn())?;
    for (id, blob, tail) in expired {
        set_given_up(tx, id)?;
        abort(tx, blob)?;
        tail.map_or(Ok(()), |tail| abort(tx, tail))?;
    }
    Ok(())
}

/// Deletes the rows of uploads that ended long ago.
pub(crate) fn forget_ended(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let before = tx.now() - REMEMBERED;
    diesel::delete(
        uploads::table
            .filter(uploads::tenant_id.eq(tx.tenant()))
            .filter(uploads::state.eq_any([UploadState::Done, UploadState::GivenUp]))
            .filter(uploads::expires_at.le(before)),
    )
    .execute(tx.conn())?;
    Ok(())
}
