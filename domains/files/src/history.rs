//! Where files were and what they showed, so that a moment can be restored.

use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::file_history};
use diesel::prelude::*;
use kernel::ids::{BucketId, FileId, FileVersionId, new_uuid};

/// A file's place and what it shows; nothing, if it is in the trash.
#[derive(Debug, Clone)]
pub(crate) struct State<'a> {
    pub(crate) file: FileId,
    pub(crate) bucket: BucketId,
    pub(crate) path: &'a str,
    pub(crate) version: Option<FileVersionId>,
}

/// Notes the state a file has from now on. The file's row is locked by then, so the order of its rows is that of its changes,
/// whatever instants their transactions began at.
pub(crate) fn note(tx: &mut TenantTx<'_>, state: &State<'_>) -> Result<(), DbError> {
    let now = tx.now();
    let last: Option<DateTime<Utc>> = file_history::table
        .filter(file_history::tenant_id.eq(tx.tenant()))
        .filter(file_history::file_id.eq(state.file))
        .order((file_history::at.desc(), file_history::id.desc()))
        .select(file_history::at)
        .first(tx.conn())
        .optional()?;
    let at = last.map_or(now, |last| now.max(last + Duration::microseconds(1)));
    diesel::insert_into(file_history::table)
        .values((
            file_history::id.eq(new_uuid(now)),
            file_history::file_id.eq(state.file),
            file_history::bucket_id.eq(state.bucket),
            file_history::path.eq(state.path),
            file_history::version_id.eq(state.version),
            file_history::at.eq(at),
        ))
        .execute(tx.conn())?;
    Ok(())
}
