use super::row::lock;
use crate::{
    UploadError,
    upload::abort,
    uploads::{UploadState, set_given_up},
};
use audit::Audited;
use db::TenantTx;
use kernel::ids::UploadId;
use serde_json::json;

/// Gives a resumable upload up: its room is free at once, its bytes are deleted.
pub fn terminate(tx: &mut TenantTx<'_>, id: UploadId) -> Result<(), UploadError> {
    let row = lock(tx, id)?;
    if !matches!(row.state, UploadState::Open | UploadState::Sealed) {
        return Err(UploadError::Ended);
    }
    set_given_up(tx, id)?;
    abort(tx, row.blob_id)?;
    row.tail_blob_id.map_or(Ok(()), |tail| abort(tx, tail))?;
    tx.audit("upload.given_up", id, json!({}))?;
    Ok(())
}
