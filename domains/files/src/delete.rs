use crate::{File, FileError, events::FileDeleted, file::find_at};
use audit::Audited;
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::Emit;
use serde_json::json;

/// Moves a file to the trash. Its versions stay and are still counted as stored; its path is free again.
pub fn delete_file(tx: &mut TenantTx<'_>, bucket: &str, path: &str) -> Result<File, FileError> {
    let file = find_at(tx, bucket, path)?.ok_or(FileError::NotFound)?;
    if !set_deleted(tx, &file)? {
        return Err(FileError::NotFound);
    }
    tx.emit(&FileDeleted::from(&file))?;
    tx.audit("file.deleted", file.id, json!({ "version": file.version_id }))?;
    Ok(file)
}

fn set_deleted(tx: &mut TenantTx<'_>, file: &File) -> Result<bool, DbError> {
    let now = tx.now();
    let changed = diesel::update(
        files::table
            .filter(files::tenant_id.eq(tx.tenant()))
            .filter(files::id.eq(file.id))
            .filter(files::deleted_at.is_null()),
    )
    .set((files::deleted_at.eq(now), files::updated_at.eq(now)))
    .execute(tx.conn())?;
    Ok(changed == 1)
}
