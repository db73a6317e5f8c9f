//! What was deleted and waits to be deleted for good.

use crate::{
    File, FileError,
    bucket::find_bucket,
    events::FileRestored,
    file::{find, lock, query},
    history::{State, note},
    path::FilePath,
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_versions, files},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{
    ids::FileId,
    pages::{Page, PageRequest},
};
use serde_json::json;

/// A file in the trash.
#[derive(Debug, Clone, Queryable)]
pub struct TrashedFile {
    /// The file as it was.
    pub file: File,
    /// When it was deleted.
    pub deleted_at: DateTime<Utc>,
    /// When it is deleted for good, unless it is held.
    pub purge_at: DateTime<Utc>,
}

/// Where a page of the trash goes on: microseconds since 1970 and the id, with a dot between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrashPosition(DateTime<Utc>, FileId);

impl std::fmt::Display for TrashPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.timestamp_micros(), self.1)
    }
}

impl std::str::FromStr for TrashPosition {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(())?;
        Ok(Self(at, id.parse().map_err(drop)?))
    }
}

/// One page of the trash, of all buckets or one, what was deleted last first.
pub fn list_trash(
    tx: &mut TenantTx<'_>,
    bucket: Option<&str>,
    page: &PageRequest<TrashPosition>,
) -> Result<Page<TrashedFile, TrashPosition>, FileError> {
    let mut rows = query!(tx)
        .filter(files::deleted_at.is_not_null())
        .order((files::deleted_at.desc(), files::id.desc()))
        .limit(page.fetch())
        .into_boxed();
    if let Some(name) = bucket {
        let bucket = find_bucket(tx, name)?.ok_or(FileError::NotFound)?;
        rows = rows.filter(files::bucket_id.eq(bucket.id));
    }
    if let Some(TrashPosition(at, id)) = page.after {
        rows = rows.filter(files::deleted_at.lt(at).or(files::deleted_at.eq(at).and(files::id.lt(id))));
    }
    let found: Vec<File> = rows.load(tx.conn()).map_err(DbError::from)?;
    let ids: Vec<FileId> = found.iter().map(|file| file.id).collect();
    let mut times = times(tx, &ids)?;
    let trashed = found.into_iter().filter_map(|file| {
        let at = times.iter().position(|row| row.0 == file.id)?;
        let (_, deleted_at, purge_at) = times.swap_remove(at);
        Some(TrashedFile { file, deleted_at, purge_at })
    });
    Ok(Page::of(trashed.collect(), page, |row| TrashPosition(row.deleted_at, row.file.id)))
}

type Times = (FileId, DateTime<Utc>, DateTime<Utc>);

fn times(tx: &mut TenantTx<'_>, ids: &[FileId]) -> Result<Vec<Times>, DbError> {
    Ok(files::table
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::id.eq_any(ids))
        .filter(files::deleted_at.is_not_null())
        .select((files::id, files::deleted_at.assume_not_null(), files::purge_at.assume_not_null()))
        .load(tx.conn())?)
}

/// Brings a file back from the trash to where it was, or to another path in its bucket.
pub fn restore_file(tx: &mut TenantTx<'_>, id: FileId, path: Option<&FilePath>) -> Result<File, FileError> {
    let trashed = lock(tx, id)?.filter(|file| file.deleted_at.is_some()).ok_or(FileError::NotFound)?;
    let path = path.map_or(trashed.path.as_str(), FilePath::as_str);
    let now = tx.now();
    let back = (
        files::path.eq(path),
        files::deleted_at.eq(None::<DateTime<Utc>>),
        files::purge_at.eq(None::<DateTime<Utc>>),
        files::updated_at.eq(now),
        files::revision.eq(files::revision + 1),
    );
    diesel::update(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(id)))
        .set(back)
        .execute(tx.conn())
        .map_err(DbError::from)?;
    note(tx, &State { file: id, bucket: trashed.bucket_id, path, version: Some(trashed.version_id) })?;
    let file = find(tx, id)?.ok_or(FileError::NotFound)?;
    tx.emit(&FileRestored::from(&file))?;
    tx.audit("file.restored", id, json!({ "version": file.version_id }))?;
    Ok(file)
}
