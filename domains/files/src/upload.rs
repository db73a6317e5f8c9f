//! The transactions of an upload: reserve, extend, finish or abort. The bytes travel between them, in [`crate::receive`].

use crate::{
    Bucket, DeleteDoomedObjects, File, FilePath,
    blob::{doom, doom_again, insert_pending, lock_pending, set_reserved},
    bucket::{bucket_named, find_bucket},
    events::{FileCreated, FileUpdated},
    file::{find, find_at, lock_at},
    history::{State, note},
    purge::keep,
    scan,
    sniff::{self, Contradiction, UNKNOWN, judge},
    thumbnail,
    version::{self, Body},
};
use audit::Audited;
use chrono::Duration;
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::{Emit, Enqueue};
use kernel::ids::{BlobId, BucketId, FileId, FileVersionId};
use metering::Meter;
use serde_json::json;

/// How long an upload may last before its reservation is taken back, unless its bucket has a rule that says otherwise.
pub(crate) const UPLOAD_EXPIRY: Duration = Duration::hours(24);
/// Bytes reserved at a time for an upload that does not say how long it is.
const STEP_BYTES: i64 = 64 << 20;
/// Times that a path is tried which others store and delete at the same moment.
const PATH_ATTEMPTS: usize = 5;
/// Bytes of the largest file on any plan.
pub(crate) const MAX_FILE_BYTES: i64 = 5 << 30;

/// A file to be stored.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The bucket's name.
    pub bucket: String,
    /// The path in it; a file that is there gets a new version.
    pub path: FilePath,
    /// How many bytes will come, if the sender says so.
    pub declared_bytes: Option<i64>,
    /// The media type, if the sender names one.
    pub content_type: Option<String>,
}

/// What becomes of an upload whose path another file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// That file gets a new version.
    NewVersion,
    /// It is stored beside that file, with a number in its name.
    Number,
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The file as it now is.
    pub file: File,
    /// Whether the path is new.
    pub created: bool,
}

/// Why a file was not stored.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// No such bucket.
    #[error("no such bucket")]
    NoBucket,
    /// More bytes than the bucket or the platform takes in one file.
    #[error("a file here has at most {maximum} bytes")]
    TooLarge {
        /// The limit that fired.
        maximum: i64,
    },
    /// The bucket does not take this media type.
    #[error("this bucket does not take {content_type}")]
    TypeNotAllowed {
        /// The type that was named or found.
        content_type: String,
    },
    /// The content is not of the type that its sender names.
    #[error("{declared} was named, and {found} came")]
    TypeContradicted {
        /// The type that was named.
        declared: String,
        /// The type that the first bytes show.
        found: String,
    },
    /// The firm's storage is full.
    #[error("the firm's storage limit of {maximum} bytes is reached")]
    QuotaExceeded {
        /// The limit that fired.
        maximum: i64,
        /// Bytes used and reserved now.
        used: i64,
    },
    /// The sender broke off, or sent another number of bytes than it had declared.
    #[error("the upload ended early or differs from its declared length")]
    Incomplete,
    /// It took longer than a day and was given up.
    #[error("the upload was given up")]
    Expired,
    /// No such upload.
    #[error("no such upload")]
    NoUpload,
    /// The upload was completed, given up or has expired.
    #[error("the upload has ended")]
    Ended,
    /// What was declared has not arrived, or not all of it.
    #[error("not all that was declared has arrived")]
    NotWhole,
    /// What arrived has another SHA-256 than was declared.
    #[error("what arrived has another SHA-256 than was declared")]
    Checksum,
    /// The object store failed; nothing was stored.
    #[error("the object store is not available")]
    Store(#[source] crate::ObjectStoreError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Which limit refused a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedBy {
    /// Its name.
    pub limit: &'static str,
    /// Its value in bytes.
    pub value: i64,
    /// Where it is changed.
    pub where_to_change: &'static str,
}

impl UploadError {
    /// The limit that refused the file, if one did.
    pub const fn refused_by(&self) -> Option<RefusedBy> {
        let (limit, value, where_to_change) = match self {
            Self::TooLarge { maximum } if *maximum >= MAX_FILE_BYTES => {
                ("plan.max_object_bytes", *maximum, "nowhere: no plan takes more")
            }
            Self::TooLarge { maximum } => ("bucket.max_object_bytes", *maximum, "PATCH /v1/buckets/{name}"),
            Self::QuotaExceeded { maximum, .. } => ("plan.storage_bytes", *maximum, "the plan: GET /v1/plans"),
            _ => return None,
        };
        Some(RefusedBy { limit, value, where_to_change })
    }
}

/// An upload under way.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) blob: BlobId,
    pub(crate) reserved: i64,
    /// Bytes this file may have.
    pub(crate) maximum: i64,
    pub(crate) bucket: Bucket,
    pub(crate) path: FilePath,
    pub(crate) content_type: Option<String>,
    pub(crate) on_taken: Taken,
}

impl Pending {
    /// Refuses at once a media type that the bucket does not take. Where none is named that says anything, the bytes decide.
    pub(crate) fn judge_named(&self) -> Result<(), UploadError> {
        match self.content_type.as_deref() {
            None | Some(UNKNOWN) => Ok(()),
            Some(_) => self.content_type(sniff::content_type(&[])).map(drop),
        }
    }

    /// The media type: as named, or as the first bytes tell; refused if they contradict each other, or if the bucket does not
    /// take one of them.
    pub(crate) fn content_type(&self, sniffed: &str) -> Result<String, UploadError> {
        let declared = self.content_type.as_deref();
        let contradiction = |found: Contradiction| UploadError::TypeContradicted {
            declared: declared.unwrap_or_default().to_owned(),
            found: found.found,
        };
        let types = judge(declared, sniffed).map_err(contradiction)?;
        match types.iter().find(|content_type| !self.bucket.takes(content_type)) {
            Some(refused) => Err(UploadError::TypeNotAllowed { content_type: refused.clone() }),
            None => Ok(types.into_iter().next().unwrap_or_else(|| UNKNOWN.to_owned())),
        }
    }
}

/// Bytes that a file in a bucket may have.
pub(crate) fn maximum(bucket: &Bucket) -> i64 {
    bucket.max_object_bytes.unwrap_or(MAX_FILE_BYTES).min(MAX_FILE_BYTES)
}

/// Reserves room and makes a pending blob.
pub(crate) fn begin(tx: &mut TenantTx<'_>, upload: &Upload) -> Result<Pending, UploadError> {
    let bucket = find_bucket(tx, &upload.bucket)?.ok_or(UploadError::NoBucket)?;
    let maximum = maximum(&bucket);
    if upload.declared_bytes.is_some_and(|declared| declared > maximum) {
        return Err(UploadError::TooLarge { maximum });
    }
    let reserved = upload.declared_bytes.unwrap_or_default();
    reserve(tx, reserved)?;
    let expires_at = tx.now() + UPLOAD_EXPIRY;
    let blob = insert_pending(tx, reserved, expires_at)?;
    let (path, content_type) = (upload.path.clone(), upload.content_type.clone());
    Ok(Pending { blob, reserved, maximum, bucket, path, content_type, on_taken: Taken::NewVersion })
}

/// Reserves more for an upload that turns out longer, in steps; returns the whole reservation.
pub(crate) fn extend(tx: &mut TenantTx<'_>, pending: &Pending, needed: i64) -> Result<i64, UploadError> {
    if needed > pending.maximum {
        return Err(UploadError::TooLarge { maximum: pending.maximum });
    }
    let reserved = lock_pending(tx, pending.blob)?.ok_or(UploadError::Expired)?;
    let wanted = (reserved + STEP_BYTES).max(needed).min(pending.maximum);
    // The last stretch of a nearly full tenant may be smaller than a step.
    match reserve(tx, wanted - reserved) {
        Err(UploadError::QuotaExceeded { .. }) => {
            reserve(tx, needed - reserved)?;
            set_reserved(tx, pending.blob, needed)?;
            Ok(needed)
        }
        Err(error) => Err(error),
        Ok(()) => {
            set_reserved(tx, pending.blob, wanted)?;
            Ok(wanted)
        }
    }
}

/// Reserves what is missing to a length that is said after the upload's beginning.
pub(crate) fn extend_to(tx: &mut TenantTx<'_>, pending: &Pending, length: i64) -> Result<(), UploadError> {
    if length > pending.maximum {
        return Err(UploadError::TooLarge { maximum: pending.maximum });
    }
    if length > pending.reserved {
        reserve(tx, length - pending.reserved)?;
        set_reserved(tx, pending.blob, length)?;
    }
    Ok(())
}

/// What arrived whole in the object store.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) size: i64,
    pub(crate) sha256: [u8; 32],
    pub(crate) content_type: String,
    /// Whether there is a virus scanner, so that nobody may read it yet.
    pub(crate) to_scan: bool,
}

impl Arrived {
    fn content(&self, blob: BlobId) -> Body {
        Body { blob, size: self.size, content_type: self.content_type.clone(), sha256: self.sha256.to_vec() }
    }
}

/// Makes what arrived visible: a new file, or a new version of the one at this path. What is there already to the byte is no
/// new version: the same request again, whose first answer was lost, has no second effect.
pub(crate) fn finish(tx: &mut TenantTx<'_>, pending: &Pending, arrived: &Arrived) -> Result<Uploaded, UploadError> {
    if let Some(file) = find_same(tx, pending, arrived)? {
        abort(tx, pending.blob)?;
        return Ok(Uploaded { file, created: false });
    }
    let reserved = lock_pending(tx, pending.blob)?.ok_or(UploadError::Expired)?;
    // As it is now: a day may have passed.
    let bucket = bucket_named(tx, pending.bucket.id)?.ok_or(UploadError::NoBucket)?;
    let blob = keep(tx, (pending.blob, reserved), (&bucket.name, arrived.size), &arrived.sha256)?;
    let content = arrived.content(blob);
    let Claimed { id, version, path, created } = match pending.on_taken {
        Taken::NewVersion => claim_path(tx, (&bucket, &pending.path), &content)?,
        Taken::Number => claim_free(tx, (&bucket, &pending.path), &content)?,
    };
    note(tx, &State { file: id, bucket: bucket.id, path: path.as_str(), version: Some(version) })?;
    if arrived.to_scan {
        scan::expect(tx, blob)?;
    }
    scan::tell_again(tx, blob, version)?;
    thumbnail::expect(tx, blob, &arrived.content_type)?;
    let file = find(tx, id)?.ok_or_else(|| DbError::Corrupt("a file just stored is not there".into()))?;
    if created {
        tx.emit(&FileCreated::from(&file))?;
    } else {
        tx.emit(&FileUpdated::from(&file))?;
    }
    tx.audit("file.stored", file.id, json!({ "version": version, "size_bytes": file.size_bytes }))?;
    Ok(Uploaded { file, created })
}

/// Gives the reservation back and leaves the object to the worker. Safe to repeat.
pub(crate) fn abort(tx: &mut TenantTx<'_>, blob: BlobId) -> Result<(), DbError> {
    match lock_pending(tx, blob)? {
        Some(reserved) => {
            metering::release(tx, Meter::StorageBytes, reserved)?;
            doom(tx, blob)?;
        }
        None if doom_again(tx, blob)? => {}
        None => return Ok(()),
    }
    tx.enqueue(&DeleteDoomedObjects {})
}

/// The file at this path, if it shows what arrived and would be its next version.
fn find_same(tx: &mut TenantTx<'_>, pending: &Pending, arrived: &Arrived) -> Result<Option<File>, DbError> {
    if pending.on_taken == Taken::Number {
        return Ok(None);
    }
    let there = find_at(tx, &pending.bucket.name, pending.path.as_str())?;
    Ok(there.filter(|file| file.sha256 == arrived.sha256 && file.content_type == arrived.content_type))
}

fn reserve(tx: &mut TenantTx<'_>, bytes: i64) -> Result<(), UploadError> {
    metering::reserve(tx, Meter::StorageBytes, bytes).map_err(|error| match error {
        metering::ReserveError::LimitReached { maximum, used, .. } => UploadError::QuotaExceeded { maximum, used },
        metering::ReserveError::Db(error) => UploadError::Db(error),
    })
}

/// The place that an upload got.
struct Claimed {
    id: FileId,
    version: FileVersionId,
    path: FilePath,
    created: bool,
}

/// Points the path at a new version; the bucket and path are taken by whoever commits first, and the other follows it.
fn claim_path(tx: &mut TenantTx<'_>, (bucket, path): (&Bucket, &FilePath), content: &Body) -> Result<Claimed, DbError> {
    let (id, version) = (tx.new_id::<FileId>(), tx.new_id::<FileVersionId>());
    for _ in 0..PATH_ATTEMPTS {
        if insert_file(tx, id, bucket.id, path, version)? {
            version::insert(tx, id, version, content)?;
            return Ok(Claimed { id, version, path: path.clone(), created: true });
        }
        // Nothing, if the file that was in the way has been deleted since.
        if let Some(existing) = lock_at(tx, bucket.id, path.as_str())? {
            version::replace(tx, (&existing, bucket), version, content)?;
            return Ok(Claimed { id: existing.id, version, path: path.clone(), created: false });
        }
    }
    Err(DbError::Corrupt("a path is taken and free at once".into()))
}

/// Stores a new file at the path, or with the next free number in its name. Of those who come at once, the first to commit gets the
/// path, and the others go on to a number.
fn claim_free(tx: &mut TenantTx<'_>, (bucket, path): (&Bucket, &FilePath), content: &Body) -> Result<Claimed, DbError> {
    let (id, version) = (tx.new_id::<FileId>(), tx.new_id::<FileVersionId>());
    let (mut free, mut number) = (path.clone(), None);
    while !insert_file(tx, id, bucket.id, &free, version)? {
        let next = match number {
            None => 2,
            Some(2) => 2 + count_numbered(tx, bucket.id, path)?.max(1),
            Some(number) => number + 1,
        };
        let none = || DbError::Corrupt("a path without room for a number".into());
        (free, number) = (path.numbered(next).ok_or_else(none)?, Some(next));
    }
    version::insert(tx, id, version, content)?;
    Ok(Claimed { id, version, path: free, created: true })
}

/// How many files have the path's name with something in brackets: a guess at the numbers that are taken.
fn count_numbered(tx: &mut TenantTx<'_>, bucket: BucketId, path: &FilePath) -> Result<i64, DbError> {
    let second = path.numbered(2).map(String::from).unwrap_or_default();
    let stem = second.rsplit_once(" (2)").map_or("", |(stem, _)| stem);
    Ok(files::table
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::bucket_id.eq(bucket))
        .filter(files::deleted_at.is_null())
        .filter(files::path.ge(format!("{stem} (")))
        .filter(files::path.lt(format!("{stem} )")))
        .count()
        .get_result(tx.conn())?)
}

fn insert_file(
    tx: &mut TenantTx<'_>,
    id: FileId,
    bucket: BucketId,
    path: &FilePath,
    version: FileVersionId,
) -> Result<bool, DbError> {
    let now = tx.now();
    let row = (
        files::id.eq(id),
        files::bucket_id.eq(bucket),
        files::path.eq(path.as_str()),
        files::version_id.eq(version),
        files::created_at.eq(now),
        files::updated_at.eq(now),
    );
    Ok(diesel::insert_into(files::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}
