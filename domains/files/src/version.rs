//! Versions of a file's content: added, retired, listed.

use crate::{
    Bucket, File, FileError,
    file::{Locked, find},
    purge::purge_by,
};
use chrono::{DateTime, Duration, Utc};
use db::{
    DbError, TenantTx,
    schema::{blobs, file_versions, files},
};
use diesel::prelude::*;
use kernel::{
    ids::{BlobId, FileId, FileVersionId},
    pages::{Page, PageRequest},
};

/// A version of a file's content.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = file_versions)]
pub struct Version {
    /// Its id.
    pub id: FileVersionId,
    /// Where the bytes are.
    pub blob_id: BlobId,
    /// Size in bytes.
    pub size_bytes: i64,
    /// Media type.
    pub content_type: String,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// When another took its place; `None` for the one that is shown.
    pub replaced_at: Option<DateTime<Utc>>,
    /// When it is deleted for good; `None` for the one that is shown.
    pub purge_at: Option<DateTime<Utc>>,
}

/// What a new version is made of.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) blob: BlobId,
    pub(crate) size: i64,
    pub(crate) content_type: String,
    pub(crate) sha256: Vec<u8>,
}

impl Body {
    /// What a file shows.
    pub(crate) fn of(file: &File) -> Self {
        let File { blob_id, size_bytes, content_type, sha256, .. } = file.clone();
        Self { blob: blob_id, size: size_bytes, content_type, sha256 }
    }
}

/// Adds a version to a file. That it is shown says the file's own row.
pub(crate) fn insert(tx: &mut TenantTx<'_>, file: FileId, id: FileVersionId, content: &Body) -> Result<(), DbError> {
    diesel::insert_into(file_versions::table)
        .values((
            file_versions::id.eq(id),
            file_versions::file_id.eq(file),
            file_versions::blob_id.eq(content.blob),
            file_versions::size_bytes.eq(content.size),
            file_versions::content_type.eq(&content.content_type),
            file_versions::sha256.eq(&content.sha256),
            file_versions::created_at.eq(tx.now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Points a locked file at a new version.
pub(crate) fn replace(
    tx: &mut TenantTx<'_>,
    (file, bucket): (&Locked, &Bucket),
    id: FileVersionId,
    content: &Body,
) -> Result<(), DbError> {
    insert(tx, file.id, id, content)?;
    show(tx, (file, bucket), id, None)
}

/// Points a locked file at one of its versions; the one before is kept as long as its bucket says, and at least so long.
pub(crate) fn show(
    tx: &mut TenantTx<'_>,
    (file, bucket): (&Locked, &Bucket),
    id: FileVersionId,
    least: Option<Duration>,
) -> Result<(), DbError> {
    let now = tx.now();
    set_times(tx, id, None)?;
    diesel::update(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(file.id)))
        .set((files::version_id.eq(id), files::updated_at.eq(now), files::revision.eq(files::revision + 1)))
        .execute(tx.conn())?;
    let purge_at = now + Duration::days(bucket.version_days.into()).max(least.unwrap_or_default());
    set_times(tx, file.version_id, Some((now, purge_at)))?;
    let crowded = match bucket.keep_versions.filter(|_| least.is_none()) {
        Some(kept) => drop_beyond(tx, file.id, kept.into())?,
        None => false,
    };
    purge_by(tx, if crowded { now } else { purge_at })
}

/// Notes when a version was replaced, and when it goes; or that it is shown.
fn set_times(
    tx: &mut TenantTx<'_>,
    id: FileVersionId,
    times: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<(), DbError> {
    diesel::update(
        file_versions::table.filter(file_versions::tenant_id.eq(tx.tenant())).filter(file_versions::id.eq(id)),
    )
    .set((
        file_versions::replaced_at.eq(times.map(|(replaced, _)| replaced)),
        file_versions::purge_at.eq(times.map(|(_, purge)| purge)),
    ))
    .execute(tx.conn())?;
    Ok(())
}

/// Lets all older versions but the `kept` that were replaced last go now. Whether there were any.
pub(crate) fn drop_beyond(tx: &mut TenantTx<'_>, file: FileId, kept: i64) -> Result<bool, DbError> {
    let now = tx.now();
    let older = file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::file_id.eq(file))
        .filter(file_versions::replaced_at.is_not_null())
        .order((file_versions::replaced_at.desc(), file_versions::id.desc()))
        .offset(kept)
        .select(file_versions::id)
        .load::<FileVersionId>(tx.conn())?;
    let rows = file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::id.eq_any(&older))
        .filter(file_versions::purge_at.gt(now));
    Ok(diesel::update(rows).set(file_versions::purge_at.eq(now)).execute(tx.conn())? > 0)
}

/// The versions of a file, newest first.
pub fn list_versions(
    tx: &mut TenantTx<'_>,
    file: FileId,
    page: &PageRequest<FileVersionId>,
) -> Result<Page<Version, FileVersionId>, FileError> {
    find(tx, file)?.ok_or(FileError::NotFound)?;
    let mut rows = file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::file_id.eq(file))
        .select(Version::as_select())
        .order(file_versions::id.desc())
        .limit(page.fetch())
        .into_boxed();
    if let Some(after) = page.after {
        rows = rows.filter(file_versions::id.lt(after));
    }
    Ok(Page::of(rows.load(tx.conn()).map_err(DbError::from)?, page, |version| version.id))
}

/// One version of a file, its row locked against being deleted for good.
pub(crate) fn lock(tx: &mut TenantTx<'_>, file: FileId, id: FileVersionId) -> Result<Option<Version>, DbError> {
    Ok(file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::file_id.eq(file))
        .filter(file_versions::id.eq(id))
        .select(Version::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// A file as it is with one of its versions' content, for reading it.
pub fn find_version(tx: &mut TenantTx<'_>, file: FileId, id: FileVersionId) -> Result<Option<File>, DbError> {
    let Some(file) = find(tx, file)? else { return Ok(None) };
    let version = file_versions::table
        .inner_join(
            blobs::table.on(blobs::tenant_id.eq(file_versions::tenant_id).and(blobs::id.eq(file_versions::blob_id))),
        )
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::file_id.eq(file.id))
        .filter(file_versions::id.eq(id))
        .select((Version::as_select(), blobs::scan))
        .first(tx.conn())
        .optional()?;
    Ok(version.map(|(version, scan): (Version, _)| File {
        scan,
        version_id: version.id,
        blob_id: version.blob_id,
        size_bytes: version.size_bytes,
        content_type: version.content_type,
        sha256: version.sha256,
        ..file
    }))
}
