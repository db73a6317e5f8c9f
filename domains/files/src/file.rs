use crate::{NotReadable, Scan};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_versions, files},
};
use diesel::prelude::*;
use kernel::ids::{BlobId, BucketId, FileId, FileVersionId};
use serde_json::Value;

/// A file with the version it shows.
#[derive(Debug, Clone, Queryable)]
pub struct File {
    /// Its id, the same through all versions.
    pub id: FileId,
    /// Its bucket.
    pub bucket_id: BucketId,
    /// Its bucket's name.
    pub bucket: String,
    /// Its path in the bucket.
    pub path: String,
    /// The version it shows.
    pub version_id: FileVersionId,
    /// Where the bytes are.
    pub blob_id: BlobId,
    /// Size in bytes.
    pub size_bytes: i64,
    /// Media type.
    pub content_type: String,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// When the file was first stored.
    pub created_at: DateTime<Utc>,
    /// When its place, content, tags or metadata last changed.
    pub updated_at: DateTime<Utc>,
    /// Words that a firm sorts its files by.
    pub tags: Vec<String>,
    /// What programs keep with it: an object of texts.
    pub metadata: Value,
    /// Counts changes of what is known of the file, from 1; `If-Match` compares it.
    pub revision: i64,
    /// What the virus scanner says of it, if there was one.
    pub scan: Option<Scan>,
}

impl File {
    /// SHA-256 in hexadecimal.
    pub fn sha256_hex(&self) -> String {
        hex::encode(&self.sha256)
    }

    /// A strong validator of the content, in quotes.
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.sha256_hex())
    }
}

/// Why nothing could be done with a file or a bucket.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No such bucket, no such file, or it is in the trash.
    #[error("no such file or bucket")]
    NotFound,
    /// The caller saw an older state than the stored one.
    #[error("changed since it was read")]
    Stale {
        /// The stored revision.
        current: i64,
    },
    /// Another file is at the path.
    #[error("another file is at this path")]
    PathTaken,
    /// The bucket takes no file of this size.
    #[error("a file there has at most {maximum} bytes")]
    TooLarge {
        /// The limit that fired.
        maximum: i64,
    },
    /// The bucket takes no file of this type.
    #[error("that bucket does not take {content_type}")]
    TypeNotAllowed {
        /// The file's type.
        content_type: String,
    },
    /// The firm's storage is full.
    #[error("the firm's storage limit of {maximum} bytes is reached")]
    QuotaExceeded {
        /// The limit that fired.
        maximum: i64,
        /// Bytes used and reserved now.
        used: i64,
    },
    /// The version is what the file shows; only older ones can be deleted alone.
    #[error("the file shows this version")]
    Shown,
    /// The file must not be deleted for good, because it is held.
    #[error("the file is held")]
    Held,
    /// Its bytes may not be read now.
    #[error(transparent)]
    NotReadable(#[from] NotReadable),
    /// The database failed.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for FileError {
    fn from(error: DbError) -> Self {
        // Whoever commits first has the path.
        if error.is_unique_violation("files_by_path") { Self::PathTaken } else { Self::Db(error) }
    }
}

/// The columns of a [`File`], and the joins that every look-up shares.
macro_rules! query {
    ($tx:expr) => {
        files::table
            .inner_join(
                buckets::table.on(buckets::tenant_id.eq(files::tenant_id).and(buckets::id.eq(files::bucket_id))),
            )
            .inner_join(
                file_versions::table
                    .on(file_versions::tenant_id.eq(files::tenant_id).and(file_versions::id.eq(files::version_id))),
            )
            .inner_join(
                blobs::table
                    .on(blobs::tenant_id.eq(file_versions::tenant_id).and(blobs::id.eq(file_versions::blob_id))),
            )
            .filter(files::tenant_id.eq($tx.tenant()))
            .select((
                files::id,
                files::bucket_id,
                buckets::name,
                files::path,
                files::version_id,
                file_versions::blob_id,
                file_versions::size_bytes,
                file_versions::content_type,
                file_versions::sha256,
                files::created_at,
                files::updated_at,
                files::tags,
                files::metadata,
                files::revision,
                blobs::scan,
            ))
    };
}
pub(crate) use query;

/// A file by its id, unless it is in the trash.
pub fn find(tx: &mut TenantTx<'_>, id: FileId) -> Result<Option<File>, DbError> {
    Ok(query!(tx).filter(files::deleted_at.is_null()).filter(files::id.eq(id)).first(tx.conn()).optional()?)
}

/// A file by its bucket's name and its path, unless it is in the trash.
pub fn find_at(tx: &mut TenantTx<'_>, bucket: &str, path: &str) -> Result<Option<File>, DbError> {
    Ok(query!(tx)
        .filter(files::deleted_at.is_null())
        .filter(buckets::name.eq(bucket))
        .filter(files::path.eq(path))
        .first(tx.conn())
        .optional()?)
}

/// The next files of a folder, in order of ids, of those that were made by an instant. No file comes twice, wherever it goes.
pub(crate) fn find_after(
    tx: &mut TenantTx<'_>,
    (bucket, folder): (BucketId, &str),
    (after, by): (Option<FileId>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<File>, DbError> {
    let mut rows = query!(tx)
        .filter(files::deleted_at.is_null())
        .filter(files::bucket_id.eq(bucket))
        .filter(files::path.ge(folder))
        .filter(files::path.lt(format!("{folder}{}", char::MAX)))
        .filter(files::created_at.le(by))
        .order(files::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(files::id.gt(after));
    }
    Ok(rows.load(tx.conn())?)
}

/// A file's row, locked: nobody else changes it until the transaction ends.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Locked {
    pub(crate) id: FileId,
    pub(crate) bucket_id: BucketId,
    pub(crate) path: String,
    pub(crate) version_id: FileVersionId,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) revision: i64,
}

/// The locked row of a file, in its place or in the trash.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: FileId) -> Result<Option<Locked>, DbError> {
    let row = files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(id));
    Ok(row.select(LOCKED).for_update().first(tx.conn()).optional()?)
}

/// The locked row of the file at a place.
pub(crate) fn lock_at(tx: &mut TenantTx<'_>, bucket: BucketId, path: &str) -> Result<Option<Locked>, DbError> {
    let row = files::table
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::bucket_id.eq(bucket))
        .filter(files::path.eq(path))
        .filter(files::deleted_at.is_null());
    Ok(row.select(LOCKED).for_update().first(tx.conn()).optional()?)
}

type LockedColumns = (files::id, files::bucket_id, files::path, files::version_id, files::deleted_at, files::revision);
const LOCKED: LockedColumns =
    (files::id, files::bucket_id, files::path, files::version_id, files::deleted_at, files::revision);
