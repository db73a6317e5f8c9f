use crate::{
    File, FileError,
    bucket::{bucket_of, find_bucket},
    events::FileDeleted,
    file::{find_at, lock_at},
    history::{State, note},
    purge::purge_by,
};
use audit::Audited;
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::Emit;
use serde_json::json;

/// Moves a file to the trash. Its versions stay and are still counted as stored; its path is free again. It is deleted for
/// good after the days that its bucket keeps the trash.
pub fn delete_file(tx: &mut TenantTx<'_>, bucket: &str, path: &str) -> Result<File, FileError> {
    let there = find_bucket(tx, bucket)?.ok_or(FileError::NotFound)?;
    lock_at(tx, there.id, path)?.ok_or(FileError::NotFound)?;
    let file = find_at(tx, bucket, path)?.ok_or(FileError::NotFound)?;
    trash(tx, &file, Keep::AsBucketSays)?;
    tx.audit("file.deleted", file.id, json!({ "version": file.version_id }))?;
    Ok(file)
}

/// How long the trash keeps a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keep {
    /// As its bucket says.
    AsBucketSays,
    /// As its bucket says, but not shorter than this.
    AtLeast(Duration),
    /// Not at all: it is deleted for good soon, unless it is held.
    Not,
}

/// The same for a file at hand, without a row in the audit log: who moves many writes one for all. A file that has changed
/// since it was read is not found.
pub(crate) fn trash(tx: &mut TenantTx<'_>, file: &File, keep: Keep) -> Result<(), FileError> {
    let days = Duration::days(bucket_of(tx, file.bucket_id)?.trash_days.into());
    let purge_at = match keep {
        Keep::AsBucketSays => tx.now() + days,
        Keep::AtLeast(least) => tx.now() + days.max(least),
        Keep::Not => tx.now(),
    };
    if !set_deleted(tx, file, purge_at)? {
        return Err(FileError::NotFound);
    }
    note(tx, &State { file: file.id, bucket: file.bucket_id, path: &file.path, version: None })?;
    purge_by(tx, purge_at)?;
    tx.emit(&FileDeleted::from(file))?;
    Ok(())
}

fn set_deleted(tx: &mut TenantTx<'_>, file: &File, purge_at: DateTime<Utc>) -> Result<bool, DbError> {
    let now = tx.now();
    let changed = diesel::update(
        files::table
            .filter(files::tenant_id.eq(tx.tenant()))
            .filter(files::id.eq(file.id))
            .filter(files::revision.eq(file.revision))
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
