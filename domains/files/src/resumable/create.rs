use crate::{
    FilePath, Upload, UploadError,
    blob::leave_until,
    upload::begin,
    uploads::{UploadKind, UploadState},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::uploads};
use diesel::prelude::*;
use kernel::ids::UploadId;
use serde_json::json;

/// A resumable upload to be begun.
#[derive(Debug, Clone)]
pub struct CreateResumable {
    /// The bucket's name.
    pub bucket: String,
    /// The path in it; a file that is there gets a new version.
    pub path: FilePath,
    /// How many bytes will come, unless that is said later.
    pub length: Option<i64>,
    /// The media type, if the sender names one.
    pub content_type: Option<String>,
    /// What the sender said of it, word for word.
    pub metadata: Option<String>,
}

/// Begins a resumable upload: checks what is declared and reserves room for it. Its id, and when it is given up.
pub fn create_resumable(
    tx: &mut TenantTx<'_>,
    command: &CreateResumable,
) -> Result<(UploadId, DateTime<Utc>), UploadError> {
    let pending = begin(
        tx,
        &Upload {
            bucket: command.bucket.clone(),
            path: command.path.clone(),
            declared_bytes: command.length,
            content_type: command.content_type.clone(),
        },
    )?;
    pending.judge_named()?;
    let (id, now): (UploadId, _) = (tx.new_id(), tx.now());
    let expires_at = now + pending.bucket.upload_expiry(command.path.as_str());
    leave_until(tx, pending.blob, expires_at)?;
    diesel::insert_into(uploads::table)
        .values((
            uploads::id.eq(id),
            uploads::kind.eq(UploadKind::Resumable),
            uploads::state.eq(UploadState::Open),
            uploads::bucket_id.eq(pending.bucket.id),
            uploads::path.eq(command.path.as_str()),
            uploads::content_type.eq(&command.content_type),
            uploads::declared_bytes.eq(command.length),
            uploads::blob_id.eq(pending.blob),
            uploads::metadata.eq(&command.metadata),
            uploads::created_at.eq(now),
            uploads::expires_at.eq(expires_at),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("upload.begun", id, json!({ "size_bytes": command.length }))?;
    Ok((id, expires_at))
}
