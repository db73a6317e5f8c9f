use crate::{
    Destination, File, FileError,
    events::FileCreated,
    file::{find, lock},
    history::{State, note},
    move_file::target,
    purge::share,
    scan, version,
};
use audit::Audited;
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::{FileId, FileVersionId};
use serde_json::json;

/// Copies a file with its tags and metadata to a free place. The bytes are stored once and count for both.
pub fn copy_file(tx: &mut TenantTx<'_>, id: FileId, to: &Destination) -> Result<File, FileError> {
    let copy = copy(tx, id, to)?;
    tx.audit("file.copied", copy.id, json!({ "from": id }))?;
    Ok(copy)
}

/// The same without a row in the audit log: who copies many writes one for all.
pub(crate) fn copy(tx: &mut TenantTx<'_>, id: FileId, to: &Destination) -> Result<File, FileError> {
    lock(tx, id)?.filter(|file| file.deleted_at.is_none()).ok_or(FileError::NotFound)?;
    let file = find(tx, id)?.ok_or(FileError::NotFound)?;
    let bucket = target(tx, &file, to)?;
    share(tx, file.blob_id, (&bucket.name, file.size_bytes))?;
    let (new, version): (FileId, FileVersionId) = (tx.new_id(), tx.new_id());
    let now = tx.now();
    diesel::insert_into(files::table)
        .values((
            files::id.eq(new),
            files::bucket_id.eq(bucket.id),
            files::path.eq(to.path.as_str()),
            files::version_id.eq(version),
            files::created_at.eq(now),
            files::updated_at.eq(now),
            files::tags.eq(&file.tags),
            files::metadata.eq(&file.metadata),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    version::insert(tx, new, version, &version::Body::of(&file))?;
    note(tx, &State { file: new, bucket: bucket.id, path: to.path.as_str(), version: Some(version) })?;
    scan::tell_again(tx, file.blob_id, version)?;
    let copy = find(tx, new)?.ok_or(FileError::NotFound)?;
    tx.emit(&FileCreated::from(&copy))?;
    Ok(copy)
}
