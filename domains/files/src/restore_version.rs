use crate::{
    File, FileError,
    bucket::bucket_of,
    events::FileUpdated,
    file::{find, lock},
    history::{State, note},
    version,
};
use audit::Audited;
use db::TenantTx;
use jobs::Emit;
use kernel::ids::{FileId, FileVersionId};
use serde_json::json;

/// Shows an older version of a file again. The one that was shown is then an older one; no byte is stored or counted anew, so
/// a full storage does not stand in the way. A version that is shown already stays as it is.
pub fn restore_version(tx: &mut TenantTx<'_>, id: FileId, wanted: FileVersionId) -> Result<File, FileError> {
    let locked = lock(tx, id)?.filter(|file| file.deleted_at.is_none()).ok_or(FileError::NotFound)?;
    let old = version::lock(tx, id, wanted)?.ok_or(FileError::NotFound)?;
    if old.replaced_at.is_none() {
        return find(tx, id)?.ok_or(FileError::NotFound);
    }
    let bucket = bucket_of(tx, locked.bucket_id)?;
    version::show(tx, (&locked, &bucket), wanted, None)?;
    note(tx, &State { file: id, bucket: locked.bucket_id, path: &locked.path, version: Some(wanted) })?;
    let file = find(tx, id)?.ok_or(FileError::NotFound)?;
    tx.emit(&FileUpdated::from(&file))?;
    tx.audit("file.version_restored", id, json!({ "version": wanted }))?;
    Ok(file)
}
