//! Deleting for good: files in the trash and versions that were overwritten. Their bytes are left to the worker.

use crate::{
    DeleteDoomedObjects, FileError, PurgeStorage, Version,
    blob::{add_ref, doom, drop_ref, lock_same, set_live},
    bucket::name_of,
    days::Change,
    file, gauge,
    hold::{held, is_held},
    version,
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{file_history, file_holds, file_versions, files},
};
use diesel::{dsl::not, prelude::*};
use jobs::Enqueue;
use kernel::ids::{BlobId, BucketId, FileId, FileVersionId};
use metering::Meter;
use serde_json::json;

/// Versions that one transaction deletes.
const VERSIONS_AT_ONCE: i64 = 1_000;

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
    (bucket, size): (&str, i64),
    sha256: &[u8],
) -> Result<BlobId, DbError> {
    metering::settle(tx, Meter::StorageBytes, reserved, size)?;
    gauge::change(tx, &[Change::stored(bucket, size)])?;
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
pub(crate) fn share(tx: &mut TenantTx<'_>, blob: BlobId, (bucket, size): (&str, i64)) -> Result<(), FileError> {
    metering::consume(tx, Meter::StorageBytes, size).map_err(|error| match error {
        metering::ReserveError::LimitReached { maximum, used, .. } => FileError::QuotaExceeded { maximum, used },
        metering::ReserveError::Db(error) => FileError::Db(error),
    })?;
    gauge::change(tx, &[Change::stored(bucket, size)])?;
    if add_ref(tx, blob)? { Ok(()) } else { Err(FileError::NotFound) }
}

/// One row of a bucket less shows each of these blobs of so many bytes. Where it was the last, the worker deletes the object.
fn unshare(tx: &mut TenantTx<'_>, bucket: BucketId, blobs: &[(BlobId, i64)]) -> Result<(), DbError> {
    let size: i64 = blobs.iter().map(|(_, size)| size).sum();
    metering::settle(tx, Meter::StorageBytes, 0, -size)?;
    let bucket = name_of(tx, bucket)?;
    gauge::change(tx, &[Change::moved(&bucket, -size)])?;
    let mut doomed = false;
    for (blob, _) in blobs {
        doomed |= drop_ref(tx, *blob)?;
    }
    if doomed { tx.enqueue(&DeleteDoomedObjects {}) } else { Ok(()) }
}

/// Deletes a file in the trash for good, with all its versions and its history. If it has very many, they go step by step in the
/// background, and the file with the last of them.
pub fn purge_file(tx: &mut TenantTx<'_>, id: FileId) -> Result<(), FileError> {
    let now = tx.now();
    if !erase(tx, id, VERSIONS_AT_ONCE)?.more {
        return Ok(());
    }
    tx.audit("file.purge_begun", id, json!({ "versions": VERSIONS_AT_ONCE }))?;
    diesel::update(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(id)))
        .set(files::purge_at.eq(now))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    Ok(purge_by(tx, now)?)
}

/// Deletes one overwritten version for good.
pub fn purge_version(tx: &mut TenantTx<'_>, file: FileId, version: FileVersionId) -> Result<(), FileError> {
    // A hold locks the file too.
    let locked = file::lock(tx, file)?.ok_or(FileError::NotFound)?;
    let found = version::lock(tx, file, version)?.ok_or(FileError::NotFound)?;
    if found.replaced_at.is_none() {
        return Err(FileError::Shown);
    }
    if is_held(tx, file)? {
        return Err(FileError::Held);
    }
    forget_version(tx, locked.bucket_id, &found)?;
    tx.audit("file.version_purged", file, json!({ "version": version }))?;
    Ok(())
}

/// Deletes up to `limit` files and up to as many versions that are due. True if there may be more.
pub(crate) fn purge_due(tx: &mut TenantTx<'_>, limit: i64) -> Result<bool, FileError> {
    let files = due_files(tx, limit)?;
    let mut left = VERSIONS_AT_ONCE;
    for id in &files {
        match erase(tx, *id, left) {
            Ok(erased) => left -= erased.versions,
            // Restored or held by somebody else meanwhile.
            Err(FileError::NotFound | FileError::Held) => {}
            Err(error) => return Err(error),
        }
        if left <= 0 {
            return Ok(true);
        }
    }
    let versions = due_versions(tx, limit)?;
    let purged = purge_versions(tx, &versions)?;
    if purged > 0 {
        tx.audit("file.versions_purged", tx.tenant(), json!({ "versions": purged }))?;
    }
    let full = |found: usize| i64::try_from(found).is_ok_and(|found| found >= limit);
    if full(files.len()) || full(versions.len()) {
        return Ok(true);
    }
    // Whoever makes something due changes this row too, before or after.
    gauge::lock(tx)?;
    let next = next_due(tx)?;
    gauge::set_next_purge(tx, next)?;
    Ok(false)
}

/// Deletes those that are still due and not held; how many.
fn purge_versions(tx: &mut TenantTx<'_>, due: &[(FileVersionId, FileId)]) -> Result<usize, FileError> {
    let mut purged = 0;
    for (id, file) in due {
        let Some(locked) = file::lock(tx, *file)? else { continue };
        let now = tx.now();
        let version = version::lock(tx, *file, *id)?.filter(|found| found.purge_at.is_some_and(|at| at <= now));
        if let Some(version) = version
            && !is_held(tx, *file)?
        {
            forget_version(tx, locked.bucket_id, &version)?;
            purged += 1;
        }
    }
    Ok(purged)
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

fn due_versions(tx: &mut TenantTx<'_>, limit: i64) -> Result<Vec<(FileVersionId, FileId)>, DbError> {
    let now = tx.now();
    Ok(file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::purge_at.le(now))
        .filter(not(held!(tx, file_versions::file_id)))
        .order(file_versions::purge_at)
        .limit(limit)
        .select((file_versions::id, file_versions::file_id))
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

/// What came of deleting a file for good.
struct Erased {
    /// Versions that are gone.
    versions: i64,
    /// Whether there are more, and the file is still there.
    more: bool,
}

/// Deletes a file in the trash with its versions, at most so many at once.
fn erase(tx: &mut TenantTx<'_>, id: FileId, limit: i64) -> Result<Erased, FileError> {
    let file = file::lock(tx, id)?.filter(|file| file.deleted_at.is_some()).ok_or(FileError::NotFound)?;
    if is_held(tx, id)? {
        return Err(FileError::Held);
    }
    let ids = versions_of(tx, id, limit + 1)?;
    let found = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    // The version that the file shows is the first, and goes with the file.
    let ids = if found > limit { &ids[1..] } else { &ids[..] };
    let rows =
        file_versions::table.filter(file_versions::tenant_id.eq(tx.tenant())).filter(file_versions::id.eq_any(ids));
    let blobs: Vec<(BlobId, i64)> = diesel::delete(rows)
        .returning((file_versions::blob_id, file_versions::size_bytes))
        .get_results(tx.conn())
        .map_err(DbError::from)?;
    unshare(tx, file.bucket_id, &blobs)?;
    if found > limit {
        return Ok(Erased { versions: limit, more: true });
    }
    forget_file(tx, id)?;
    tx.audit("file.purged", id, json!({ "version": file.version_id }))?;
    Ok(Erased { versions: found, more: false })
}

/// Versions of a file, the one that it shows first.
fn versions_of(tx: &mut TenantTx<'_>, file: FileId, limit: i64) -> Result<Vec<FileVersionId>, DbError> {
    Ok(file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::file_id.eq(file))
        .order(file_versions::replaced_at.desc().nulls_first())
        .limit(limit)
        .select(file_versions::id)
        .load(tx.conn())?)
}

/// Deletes what else there is of a file without versions.
fn forget_file(tx: &mut TenantTx<'_>, id: FileId) -> Result<(), DbError> {
    let history = file_history::table.filter(file_history::tenant_id.eq(tx.tenant()));
    diesel::delete(history.filter(file_history::file_id.eq(id))).execute(tx.conn())?;
    let holds = file_holds::table.filter(file_holds::tenant_id.eq(tx.tenant()));
    diesel::delete(holds.filter(file_holds::file_id.eq(id))).execute(tx.conn())?;
    diesel::delete(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(id)))
        .execute(tx.conn())?;
    Ok(())
}

fn forget_version(tx: &mut TenantTx<'_>, bucket: BucketId, version: &Version) -> Result<(), DbError> {
    let rows = file_versions::table.filter(file_versions::tenant_id.eq(tx.tenant()));
    diesel::delete(rows.filter(file_versions::id.eq(version.id))).execute(tx.conn())?;
    unshare(tx, bucket, &[(version.blob_id, version.size_bytes)])
}
