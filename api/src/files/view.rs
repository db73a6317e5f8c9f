use chrono::{DateTime, Utc};
use files::{Bucket, Entry, File, Scan, Visibility};
use kernel::ids::{BucketId, FileId, FileVersionId};
use serde::Serialize;
use utoipa::ToSchema;

/// A bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BucketView {
    /// Its id.
    id: BucketId,
    /// Its name.
    name: String,
    /// Who may read its files.
    visibility: Visibility,
    /// Bytes of the largest file it takes, if it sets a limit of its own.
    #[schema(required)]
    max_object_bytes: Option<i64>,
    /// Media types it takes; empty for all.
    allowed_types: Vec<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<Bucket> for BucketView {
    fn from(bucket: Bucket) -> Self {
        let Bucket { id, name, visibility, max_object_bytes, allowed_types, created_at } = bucket;
        Self { id, name, visibility, max_object_bytes, allowed_types, created_at }
    }
}

/// The firm's buckets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BucketsView {
    /// All of them, by name.
    pub(super) data: Vec<BucketView>,
    /// False: there are never more than one answer holds.
    pub(super) has_more: bool,
    /// Null.
    #[schema(required)]
    pub(super) next_cursor: Option<String>,
}

/// A file with the version it shows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileView {
    /// Its id, the same through all versions.
    id: FileId,
    /// Its bucket's name.
    bucket: String,
    /// Its path in the bucket.
    path: String,
    /// Size in bytes.
    size_bytes: i64,
    /// Media type.
    content_type: String,
    /// SHA-256 of the content, in hexadecimal.
    sha256: String,
    /// The content's validator, as the `ETag` header has it.
    etag: String,
    /// The version it shows.
    version_id: FileVersionId,
    /// When the file was first stored.
    created_at: DateTime<Utc>,
    /// What the virus scanner says; null for what was stored while there was none.
    #[schema(required)]
    scan: Option<Scan>,
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        Self {
            sha256: file.sha256_hex(),
            etag: file.etag(),
            id: file.id,
            bucket: file.bucket,
            path: file.path,
            size_bytes: file.size_bytes,
            content_type: file.content_type,
            version_id: file.version_id,
            created_at: file.created_at,
            scan: file.scan,
        }
    }
}

/// A line of a bucket's list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum EntryView {
    /// A file.
    File(FileView),
    /// A folder that files' paths make.
    Folder(FolderView),
}

/// A folder: nothing but the beginning of paths.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FolderView {
    /// The path up to and with a slash.
    path: String,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::File(file) => Self::File(file.into()),
            Entry::Folder(path) => Self::Folder(FolderView { path }),
        }
    }
}
