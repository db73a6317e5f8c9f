use crate::{NotReadable, Scan};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_versions, files},
};
use diesel::prelude::*;
use kernel::ids::{BlobId, FileId, FileVersionId};

/// A file with the version it shows.
#[derive(Debug, Clone, Queryable)]
pub struct File {
    /// Its id, the same through all versions.
    pub id: FileId,
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
    /// Its bytes may not be read now.
    #[error(transparent)]
    NotReadable(#[from] NotReadable),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
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
            .filter(files::deleted_at.is_null())
            .select((
                files::id,
                buckets::name,
                files::path,
                files::version_id,
                file_versions::blob_id,
                file_versions::size_bytes,
                file_versions::content_type,
                file_versions::sha256,
                files::created_at,
                blobs::scan,
            ))
    };
}
pub(crate) use query;

/// A file by its id, unless it is in the trash.
pub fn find(tx: &mut TenantTx<'_>, id: FileId) -> Result<Option<File>, DbError> {
    Ok(query!(tx).filter(files::id.eq(id)).first(tx.conn()).optional()?)
}

/// A file by its bucket's name and its path, unless it is in the trash.
pub fn find_at(tx: &mut TenantTx<'_>, bucket: &str, path: &str) -> Result<Option<File>, DbError> {
    Ok(query!(tx).filter(buckets::name.eq(bucket)).filter(files::path.eq(path)).first(tx.conn()).optional()?)
}
