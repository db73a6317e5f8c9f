//! Deleting for good: files in the trash and versions that were overwritten. Their bytes are left to the worker.

use crate::{
    DeleteDoomedObjects, File, FileError, PurgeStorage,
    blob::{add_ref, doom, drop_ref, lock_same, set_live},
    events::FileDeleted,
    file, gauge,
    hold::{held, is_held},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{file_history, file_holds, file_versions, files},
};
use diesel::{dsl::not, prelude::*};
use jobs::{Emit, Enqueue};
use kernel::ids::{BlobId, FileId, FileVersionId};
use metering::Meter;
use serde_json::json;

/// Sees to it that what is due at `at` is deleted then.
pub(crate) fn purge_by(tx: &mut TenantTx<'_>, at: DateTime<Utc>) -> Result<(), DbError> {
    gauge::purge_by(tx, at)?;
    if at <= tx.now() { tx.enqueue(&PurgeStorage {}) } else { Ok(()) }
}

/// Takes the bytes that arrived for a pending blob: as a new live blob, or as one more use of the same bytes that the firm
/// has already. Returns the blob that holds them. They count as stored either way.
///
/// The limit's row is changed first: it puts all changes of a firm's blobs in one order.
pub(crate) fn keep(
    tx: &mut TenantTx<'_>,
    (pending, reserved): (BlobId, i64),
    size: i64,
    sha256: &[u8],
) -> Result<BlobId, DbError> {
    metering::settle(tx, Meter::StorageBytes, reserved, size)?;
    gauge::change(tx, size)?;
    if let Some(same) = lock_same(tx, sha256, size)? {
        add_ref(tx, same)?;
        doom(tx, pending)?;
        tx.enqueue(&DeleteDoomedObjects {})?;
        return Ok(same);
    }
    set_live(tx, pending, size, sha256)?;
    Ok(pending)
}

/// One more row shows a blob of `size` bytes that one shows already; they count as stored once more.
pub(crate) fn share(tx: &mut TenantTx<'_>, blob: BlobId, size: i64) -> Result<(), FileError> {
    metering::consume(tx, Meter::StorageBytes, size).map_err(|error| match error {
        metering::ReserveError::LimitReached { maximum, used, .. } => FileError::QuotaExceeded { maximum, used },
        metering::ReserveError::Db(error) => FileError::Db(error),
    })?;
    gauge::change(tx, size)?;
    if add_ref(tx, blob)? { Ok(()) } else { Err(FileError::NotFound) }
}

/// One row less shows a blob of `size` bytes. With the last, the worker deletes the object.
fn unshare(tx: &mut TenantTx<'_>, blob: BlobId, size: i64) -> Result<(), DbError> {
    metering::settle(tx, Meter::StorageBytes, 0, -size)?;
    gauge::change(tx, -size)?;
    if drop_ref(tx, blob)? { tx.enqueue(&DeleteDoomedObjects {}) } else { Ok(()) }
}

/// Deletes a file in the trash for good, with all its versions and its history.
pub fn purge_file(tx: &mut TenantTx<'_>, id: FileId) -> Result<(), FileError> {
    let file = file::lock(tx, id)?.filter(|file| file.deleted_at.is_some()).ok_or(FileError::NotFound)?;
    if is_held(tx, id)? {
        return Err(FileError::Held);
    }
    let versions = erase(tx, id)?;
    tx.audit("file.purged", id, json!({ "path_bytes": file.path.len(), "versions": versions }))?;
    Ok(())
}

/// Deletes a file in its place for good, without a row in the audit log: who deletes many writes one for all. Held, it stays.
pub(crate) fn erase_live(tx: &mut TenantTx<'_>, file: &File) -> Result<(), FileError> {
    if file::lock(tx, file.id)?.is_none_or(|locked| locked.deleted_at.is_some()) || is_held(tx, file.id)? {
        return Ok(());
    }
    erase(tx, file.id)?;
    tx.emit(&FileDeleted::from(file))?;
    Ok(())
}

/// Deletes one overwritten version for good.
pub fn purge_version(tx: &mut TenantTx<'_>, file: FileId, version: FileVersionId) -> Result<(), FileError> {
    let found = crate::version::lock(tx, file, version)?.ok_or(FileError::NotFound)?;
    if found.replaced_at.is_none() {
        return Err(FileError::Shown);
    }
    if is_held(tx, file)? {
        return Err(FileError::Held);
    }
    forget_version(tx, version, (found.blob_id, found.size_bytes))?;
    tx.audit("file.version_purged", file, json!({ "version": version }))?;
    Ok(())
}

/// Deletes up to `limit` files and up to as many versions that are due. True if there may be more.
pub(crate) fn purge_due(tx: &mut TenantTx<'_>, limit: i64) -> Result<bool, FileError> {
    let files = due_files(tx, limit)?;
    for id in &files {
        match purge_file(tx, *id) {
            // Restored or held by somebody else meanwhile.
            Ok(()) | Err(FileError::NotFound | FileError::Held) => {}
            Err(error) => return Err(error),
        }
    }
    let versions = due_versions(tx, limit)?;
    for (version, blob, size) in &versions {
        forget_version(tx, *version, (*blob, *size))?;
    }
    if !versions.is_empty() {
        tx.audit("file.versions_purged", tx.tenant(), json!({ "versions": versions.len() }))?;
    }
    let full = |found: usize| i64::try_from(found).is_ok_and(|found| found >= limit);
    if full(files.len()) || full(versions.len()) {
        return Ok(true);
    }
    let next = next_due(tx)?;
    gauge::set_next_purge(tx, next)?;
    Ok(false)
}

fn due_files(tx: &mut TenantTx<'_>, limit: i64) -> Result<Vec<FileId>, DbError> {
    let now = tx.now();
    Ok(files::table
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::purge_at.le(now))
        .filter(not(held!(tx, files::id)))
        .order(files::purge_at)
        .limit(limit)
        .select(files::id)
        .load(tx.conn())?)
}

fn due_versions(tx: &mut TenantTx<'_>, limit: i64) -> Result<Vec<(FileVersionId, BlobId, i64)>, DbError> {
    let now = tx.now();
    Ok(file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::purge_at.le(now))
        .filter(not(held!(tx, file_versions::file_id)))
        .order(file_versions::purge_at)
        .limit(limit)
        .select((file_versions::id, file_versions::blob_id, file_versions::size_bytes))
        .for_update()
        .skip_locked()
        .load(tx.conn())?)
}

/// When the next of what is not held is due.
fn next_due(tx: &mut TenantTx<'_>) -> Result<Option<DateTime<Utc>>, DbError> {
    let file: Option<DateTime<Utc>> = files::table
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::purge_at.is_not_null())
        .filter(not(held!(tx, files::id)))
        .order(files::purge_at)
        .select(files::purge_at.assume_not_null())
        .first(tx.conn())
        .optional()?;
    let version: Option<DateTime<Utc>> = file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::purge_at.is_not_null())
        .filter(not(held!(tx, file_versions::file_id)))
        .order(file_versions::purge_at)
        .select(file_versions::purge_at.assume_not_null())
        .first(tx.conn())
        .optional()?;
    Ok([file, version].into_iter().flatten().min())
}

/// Deletes all rows of a file; returns how many versions it had.
fn erase(tx: &mut TenantTx<'_>, id: FileId) -> Result<usize, DbError> {
    let blobs: Vec<(BlobId, i64)> = diesel::delete(
        file_versions::table.filter(file_versions::tenant_id.eq(tx.tenant())).filter(file_versions::file_id.eq(id)),
    )
    .returning((file_versions::blob_id, file_versions::size_bytes))
    .get_results(tx.conn())?;
    for (blob, size) in &blobs {
        unshare(tx, *blob, *size)?;
    }
    diesel::delete(
        file_history::table.filter(file_history::tenant_id.eq(tx.tenant())).filter(file_history::file_id.eq(id)),
    )
    .execute(tx.conn())?;
    diesel::delete(file_holds::table.filter(file_holds::tenant_id.eq(tx.tenant())).filter(file_holds::file_id.eq(id)))
        .execute(tx.conn())?;
    diesel::delete(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(id)))
        .execute(tx.conn())?;
    Ok(blobs.len())
}

fn forget_version(tx: &mut TenantTx<'_>, id: FileVersionId, (blob, size): (BlobId, i64)) -> Result<(), DbError> {
    let row = file_versions::table.filter(file_versions::tenant_id.eq(tx.tenant())).filter(file_versions::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    unshare(tx, blob, size)
}
