use super::{
    complete::SKEW,
    instructions::SIGNED_FOR,
    row::{UploadKind, UploadRow, UploadState, lock_direct, set_given_up},
};
use crate::{
    UploadError,
    blob::{leave_until, lock_pending, set_reserved},
    upload::abort,
};
use audit::Audited;
use db::{DbError, TenantTx};
use kernel::ids::UploadId;
use metering::Meter;
use serde_json::json;

/// Gives a presigned upload up: its room is free at once, its bytes are deleted. Safe to repeat.
pub fn abort_upload(tx: &mut TenantTx<'_>, bucket: &str, id: UploadId) -> Result<(), UploadError> {
    let row = lock_direct(tx, bucket, id)?;
    match row.state {
        UploadState::GivenUp => return Ok(()),
        UploadState::Done => return Err(UploadError::Ended),
        UploadState::Open | UploadState::Sealed => {}
    }
    give_up(tx, &row)?;
    tx.audit("upload.given_up", id, json!({}))?;
    Ok(())
}

/// Gives an upload up that has not ended.
pub(super) fn give_up(tx: &mut TenantTx<'_>, row: &UploadRow) -> Result<(), DbError> {
    set_given_up(tx, row.id)?;
    if row.kind != UploadKind::Single {
        return abort(tx, row.blob_id);
    }
    if let Some(reserved) = lock_pending(tx, row.blob_id)? {
        // The signed address may still write; what it writes is deleted once it cannot any more.
        metering::release(tx, Meter::StorageBytes, reserved)?;
        set_reserved(tx, row.blob_id, 0)?;
        let until = tx.now() + SIGNED_FOR + SKEW;
        leave_until(tx, row.blob_id, until)?;
    }
    Ok(())
}
