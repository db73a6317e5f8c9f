use crate::{
    Bucket, File, FileError, FilePath,
    bucket::{bucket_of, find_bucket},
    events::FileUpdated,
    file::{Locked, find, lock},
    gauge,
    history::{State, note},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::FileId;
use serde_json::json;

/// Where a file is to go.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The bucket's name; where it is, if nothing is said.
    pub bucket: Option<String>,
    /// The path there.
    pub path: FilePath,
}

/// Moves or renames a file: no byte moves. `seen` is the revision that the caller knows, if it matters.
pub fn move_file(tx: &mut TenantTx<'_>, id: FileId, to: &Destination, seen: Option<i64>) -> Result<File, FileError> {
    let locked = lock(tx, id)?.filter(|file| file.deleted_at.is_none()).ok_or(FileError::NotFound)?;
    if seen.is_some_and(|seen| seen != locked.revision) {
        return Err(FileError::Stale { current: locked.revision });
    }
    let file = find(tx, id)?.ok_or(FileError::NotFound)?;
    let bucket = target(tx, &file, to)?;
    if (bucket.id, to.path.as_str()) == (locked.bucket_id, locked.path.as_str()) {
        return Ok(file);
    }
    put(tx, &locked, &bucket, to.path.as_str())?;
    let file = find(tx, id)?.ok_or(FileError::NotFound)?;
    tx.emit(&FileUpdated::from(&file))?;
    tx.audit("file.moved", id, json!({ "bucket": bucket.id }))?;
    Ok(file)
}

/// The bucket a file is to go to, if that takes it.
pub(crate) fn target(tx: &mut TenantTx<'_>, file: &File, to: &Destination) -> Result<Bucket, FileError> {
    let bucket = match &to.bucket {
        Some(name) => find_bucket(tx, name)?.ok_or(FileError::NotFound)?,
        None => bucket_of(tx, file.bucket_id)?,
    };
    match bucket.max_object_bytes {
        Some(maximum) if file.size_bytes > maximum => Err(FileError::TooLarge { maximum }),
        _ if !bucket.takes(&file.content_type) => {
            Err(FileError::TypeNotAllowed { content_type: file.content_type.clone() })
        }
        _ => Ok(bucket),
    }
}

/// Puts a locked file at a free place.
pub(crate) fn put(tx: &mut TenantTx<'_>, file: &Locked, bucket: &Bucket, path: &str) -> Result<(), FileError> {
    gauge::carry(tx, file, bucket.id)?;
    let now = tx.now();
    diesel::update(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(file.id)))
        .set((
            files::bucket_id.eq(bucket.id),
            files::path.eq(path),
            files::updated_at.eq(now),
            files::revision.eq(files::revision + 1),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    note(tx, &State { file: file.id, bucket: bucket.id, path, version: Some(file.version_id) })?;
    Ok(())
}
