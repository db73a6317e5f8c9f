use super::row::{UploadKind, UploadState};
use crate::{FilePath, Upload, UploadError, blob::leave_until, upload::begin};
use audit::Audited;
use db::{DbError, TenantTx, schema::uploads};
use diesel::prelude::*;
use kernel::ids::UploadId;
use serde_json::json;

/// Bytes of the largest file that comes in one PUT.
const MAX_SINGLE_BYTES: i64 = 64 << 20;
/// Bytes of the smallest part, but for the last.
const MIN_PART_BYTES: i64 = 16 << 20;
/// Parts of the largest file, about.
const PARTS: i64 = 100;

/// An upload that goes to the object store directly.
#[derive(Debug, Clone)]
pub struct CreateUpload {
    /// The bucket's name.
    pub bucket: String,
    /// The path in it; a file that is there gets a new version.
    pub path: FilePath,
    /// How many bytes will come.
    pub size_bytes: i64,
    /// The media type.
    pub content_type: String,
    /// The SHA-256 they will have, if the sender says so.
    pub sha256: Option<[u8; 32]>,
}

/// Begins an upload that goes to the object store directly: checks what is declared and reserves room for it.
pub fn create_upload(tx: &mut TenantTx<'_>, command: &CreateUpload) -> Result<UploadId, UploadError> {
    let pending = begin(
        tx,
        &Upload {
            bucket: command.bucket.clone(),
            path: command.path.clone(),
            declared_bytes: Some(command.size_bytes),
            content_type: Some(command.content_type.clone()),
        },
    )?;
    pending.judge_named()?;
    let id: UploadId = tx.new_id();
    let part_bytes = part_bytes(command.size_bytes);
    let now = tx.now();
    let expires_at = now + pending.bucket.upload_expiry(command.path.as_str());
    leave_until(tx, pending.blob, expires_at)?;
    diesel::insert_into(uploads::table)
        .values((
            uploads::id.eq(id),
            uploads::kind.eq(if part_bytes.is_some() { UploadKind::Multipart } else { UploadKind::Single }),
            uploads::state.eq(UploadState::Open),
            uploads::bucket_id.eq(pending.bucket.id),
            uploads::path.eq(command.path.as_str()),
            uploads::content_type.eq(&command.content_type),
            uploads::declared_bytes.eq(command.size_bytes),
            uploads::sha256.eq(command.sha256.map(|hash| hash.to_vec())),
            uploads::blob_id.eq(pending.blob),
            uploads::part_bytes.eq(part_bytes),
            uploads::created_at.eq(now),
            uploads::expires_at.eq(expires_at),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("upload.begun", id, json!({ "size_bytes": command.size_bytes }))?;
    Ok(id)
}

/// Bytes of a part, for a file that comes in parts: whole MiB.
fn part_bytes(size: i64) -> Option<i64> {
    let share = (size / PARTS / (1 << 20) + 1) << 20;
    (size > MAX_SINGLE_BYTES).then(|| share.max(MIN_PART_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upload::MAX_FILE_BYTES;

    #[test]
    fn small_files_come_at_once_and_large_ones_in_at_most_a_hundred_parts() {
        assert_eq!((part_bytes(0), part_bytes(MAX_SINGLE_BYTES)), (None, None));
        assert_eq!(part_bytes(MAX_SINGLE_BYTES + 1), Some(MIN_PART_BYTES));
        let part = part_bytes(MAX_FILE_BYTES).unwrap();
        assert!(part % (1 << 20) == 0 && MAX_FILE_BYTES / part < PARTS, "{part}");
    }
}
