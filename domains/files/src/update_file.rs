use crate::{
    File, FileError,
    events::FileUpdated,
    file::{find, lock},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::FileId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is to change of what is known of a file; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct UpdateFile {
    /// The tags it then has.
    pub tags: Option<BTreeSet<String>>,
    /// The metadata it then has.
    pub metadata: Option<BTreeMap<String, String>>,
}

/// Changes a file's tags and metadata. `seen` is the revision that the caller knows, if it matters.
pub fn update_file(
    tx: &mut TenantTx<'_>,
    id: FileId,
    change: &UpdateFile,
    seen: Option<i64>,
) -> Result<File, FileError> {
    let locked = lock(tx, id)?.filter(|file| file.deleted_at.is_none()).ok_or(FileError::NotFound)?;
    if seen.is_some_and(|seen| seen != locked.revision) {
        return Err(FileError::Stale { current: locked.revision });
    }
    let file = find(tx, id)?.ok_or(FileError::NotFound)?;
    let tags = change.tags.as_ref().map_or_else(|| file.tags.clone(), |tags| tags.iter().cloned().collect());
    let metadata = change.metadata.as_ref().map_or_else(|| file.metadata.clone(), |metadata| json!(metadata));
    if (&tags, &metadata) == (&file.tags, &file.metadata) {
        return Ok(file);
    }
    let file = set(tx, id, &tags, &metadata)?;
    tx.emit(&FileUpdated::from(&file))?;
    tx.audit("file.described", id, json!({ "tags": tags.len() }))?;
    Ok(file)
}

fn set(tx: &mut TenantTx<'_>, id: FileId, tags: &[String], metadata: &Value) -> Result<File, FileError> {
    let now = tx.now();
    diesel::update(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(id)))
        .set((
            files::tags.eq(tags),
            files::metadata.eq(metadata),
            files::updated_at.eq(now),
            files::revision.eq(files::revision + 1),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    find(tx, id)?.ok_or(FileError::NotFound)
}
