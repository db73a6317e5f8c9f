//! Where files were and what they showed, so that a moment can be restored.

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

/// Notes the state a file has from now on.
pub(crate) fn note(tx: &mut TenantTx<'_>, state: &State<'_>) -> Result<(), DbError> {
    let now = tx.now();
    diesel::insert_into(file_history::table)
        .values((
            file_history::id.eq(new_uuid(now)),
            file_history::file_id.eq(state.file),
            file_history::bucket_id.eq(state.bucket),
            file_history::path.eq(state.path),
            file_history::version_id.eq(state.version),
            file_history::at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}
