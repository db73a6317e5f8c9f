//! The end of a resumable upload: sealed with its parts and its SHA-256 known, then joined in the store, then shown.

use super::{
    AppendError,
    lock::held,
    row::{PartTag, Row, find, insert_parts, lock, of_upload, parts},
};
use crate::{
    File, FinishUpload, ObjectStore, ObjectStoreError, UploadError, Uploaded,
    blob::{key, pass_reservation},
    file,
    upload::{Arrived, abort, finish},
    uploads::{UploadState, find_any, set_done},
};
use chrono::{DateTime, Utc};
use db::{Db, DbError, TenantScope, TenantTx, schema::uploads};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::ids::{BlobId, UploadId};
use uuid::Uuid;

/// What is known once all bytes came.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub(super) size: i64,
    pub(super) sha256: [u8; 32],
    pub(super) content_type: String,
    /// Whether there is a virus scanner, so that nobody may read it yet.
    pub(super) to_scan: bool,
}

impl From<&Whole> for Arrived {
    fn from(whole: &Whole) -> Self {
        let content_type = whole.content_type.clone();
        Self { size: whole.size, sha256: whole.sha256, content_type, to_scan: whole.to_scan }
    }
}

/// open -> sealed: from here on the upload finishes without its sender.
pub(super) fn seal(
    tx: &mut TenantTx<'_>,
    (id, holder): (UploadId, Uuid),
    last: &[PartTag],
    whole: &Whole,
) -> Result<(), AppendError> {
    let row = held(tx, id, holder)?;
    insert_parts(tx, id, last)?;
    if let Some(tail) = row.tail_blob_id {
        abort(tx, tail)?;
    }
    diesel::update(of_upload!(tx, id))
        .set((
            uploads::state.eq(UploadState::Sealed),
            uploads::offset_bytes.eq(whole.size),
            uploads::declared_bytes.eq(whole.size),
            uploads::sha256.eq(whole.sha256.to_vec()),
            uploads::content_type.eq(&whole.content_type),
            uploads::tail_blob_id.eq(None::<BlobId>),
            uploads::lock_id.eq(None::<Uuid>),
            uploads::locked_until.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.enqueue(&FinishUpload { upload: id })?;
    Ok(())
}

/// open -> done, for what lies whole in an object of its own.
pub(super) fn show_small(
    tx: &mut TenantTx<'_>,
    (id, holder): (UploadId, Uuid),
    blob: BlobId,
    whole: &Whole,
) -> Result<Uploaded, AppendError> {
    let row = held(tx, id, holder)?;
    pass_reservation(tx, row.blob_id, blob)?.ok_or(UploadError::Ended)?;
    abort(tx, row.blob_id)?;
    if let Some(tail) = row.tail_blob_id {
        abort(tx, tail)?;
    }
    let pending = find_any(tx, id)?.pending(tx, blob)?;
    let uploaded = finish(tx, &pending, &whole.into())?;
    diesel::update(of_upload!(tx, id))
        .set((
            uploads::offset_bytes.eq(whole.size),
            uploads::declared_bytes.eq(whole.size),
            uploads::tail_blob_id.eq(None::<BlobId>),
            uploads::lock_id.eq(None::<Uuid>),
            uploads::locked_until.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    set_done(tx, id, uploaded.file.id)?;
    Ok(uploaded)
}

/// Joins the parts of a sealed upload and shows the file. Safe to repeat.
pub(super) async fn settle(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    id: UploadId,
) -> Result<File, UploadError> {
    let sealed = db.tenant("files.find_sealed", scope.clone(), move |tx| sealed(tx, id)).await?;
    let (tenant, to_scan) = (scope.tenant(), store.scanner().is_some());
    if let Some((row, parts)) = sealed {
        join(store, &key(tenant, row.blob_id), &row, parts).await.map_err(UploadError::Store)?;
    }
    db.tenant("files.finish_sealed", scope.clone(), move |tx| show(tx, id, to_scan)).await
}

/// A sealed upload with its parts; none if it is done.
pub(crate) fn sealed(tx: &mut TenantTx<'_>, id: UploadId) -> Result<Option<(Row, Vec<PartTag>)>, UploadError> {
    let row = find(tx, id)?;
    let parts = parts(tx, id)?;
    Ok((row.state == UploadState::Sealed).then_some((row, parts)))
}

pub(crate) async fn join(
    store: &ObjectStore,
    key: &str,
    row: &Row,
    parts: Vec<PartTag>,
) -> Result<(), ObjectStoreError> {
    let parts = parts.into_iter().map(|(number, etag)| (number.unsigned_abs(), etag)).collect();
    store.join_parts(key, row.store_upload_id.as_deref().unwrap_or_default(), parts).await?;
    // The parts are what was hashed, their `ETag`s say; their sum is looked at besides.
    match store.size(key).await? {
        size if size == Some(row.offset_bytes) => Ok(()),
        size => Err(ObjectStoreError::Unreadable(format!("{size:?} bytes instead of {}", row.offset_bytes))),
    }
}

/// sealed -> done.
pub(crate) fn show(tx: &mut TenantTx<'_>, id: UploadId, to_scan: bool) -> Result<File, UploadError> {
    let row = lock(tx, id)?;
    match (row.state, row.file_id) {
        (UploadState::Done, Some(known)) => Ok(file::find(tx, known)?.ok_or(UploadError::Ended)?),
        (UploadState::Sealed, _) => {
            let sha256 = row.sha256.and_then(|hash| hash.try_into().ok());
            let sha256 = sha256.ok_or_else(|| DbError::Corrupt("a sealed upload without its SHA-256".into()))?;
            let content_type = row.content_type.unwrap_or_default();
            let arrived = Arrived { size: row.offset_bytes, sha256, content_type, to_scan };
            let pending = find_any(tx, id)?.pending(tx, row.blob_id)?;
            let file = finish(tx, &pending, &arrived)?.file;
            set_done(tx, id, file.id)?;
            Ok(file)
        }
        _ => Err(UploadError::Ended),
    }
}
