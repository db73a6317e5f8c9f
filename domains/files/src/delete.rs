use crate::{
    File, FileError,
    bucket::bucket_of,
    events::FileDeleted,
    file::find_at,
    history::{State, note},
    purge::purge_by,
};
use audit::Audited;
use chrono::Duration;
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::Emit;
use serde_json::json;

/// Moves a file to the trash. Its versions stay and are still counted as stored; its path is free again. It is deleted for
/// good after the days that its bucket keeps the trash.
pub fn delete_file(tx: &mut TenantTx<'_>, bucket: &str, path: &str) -> Result<File, FileError> {
    let file = find_at(tx, bucket, path)?.ok_or(FileError::NotFound)?;
    trash(tx, &file)?;
    tx.audit("file.deleted", file.id, json!({ "version": file.version_id }))?;
    Ok(file)
}

/// The same for a file at hand, without a row in the audit log: who moves many writes one for all.
pub(crate) fn trash(tx: &mut TenantTx<'_>, file: &File) -> Result<(), FileError> {
    let days = bucket_of(tx, file.bucket_id)?.trash_days;
    let purge_at = tx.now() + Duration::days(days.into());
    if !set_deleted(tx, file, purge_at)? {
        return Err(FileError::NotFound);
    }
    note(tx, &State { file: file.id, bucket: file.bucket_id, path: &file.path, version: None })?;
    purge_by(tx, purge_at)?;
    tx.emit(&FileDeleted::from(file))?;
    Ok(())
}

fn set_deleted(tx: &mut TenantTx<'_>, file: &File, purge_at: chrono::DateTime<chrono::Utc>) -> Result<bool, DbError> {
    let now = tx.now();
    let changed = diesel::update(
        files::table
            .filter(files::tenant_id.eq(tx.tenant()))
            .filter(files::id.eq(file.id))
            .filter(files::deleted_at.is_null()),
    )
    .set((
        files::deleted_at.eq(now),
        files::purge_at.eq(purge_at),
        files::updated_at.eq(now),
        files::revision.eq(files::revision + 1),
    ))
    .execute(tx.conn())?;
    Ok(changed == 1)
}
