use crate::answer::Versioned;
use chrono::{DateTime, Utc};
use files::{Bucket, Entry, File, Scan, Visibility};
use kernel::ids::{BucketId, FileId, FileVersionId};
use serde::Serialize;
use serde_json::Value;
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
    /// Days that a deleted file waits in the trash.
    trash_days: i32,
    /// Days that an overwritten version is kept.
    version_days: i32,
    /// Overwritten versions of a file that are kept at most, if limited.
    #[schema(required)]
    keep_versions: Option<i32>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Counts changes, from 1.
    version: i64,
}

impl Versioned for BucketView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Bucket> for BucketView {
    fn from(bucket: Bucket) -> Self {
        Self {
            id: bucket.id,
            name: bucket.name,
            visibility: bucket.visibility,
            max_object_bytes: bucket.max_object_bytes,
            allowed_types: bucket.allowed_types,
            trash_days: bucket.trash_days,
            version_days: bucket.version_days,
            keep_versions: bucket.keep_versions,
            created_at: bucket.created_at,
            version: bucket.revision,
        }
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
    /// Words that the firm sorts its files by.
    tags: Vec<String>,
    /// The integrator's own.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    metadata: Value,
    /// When the file was first stored.
    created_at: DateTime<Utc>,
    /// When its place, content, tags or metadata last changed.
    updated_at: DateTime<Utc>,
    /// What the virus scanner says; null for what was stored while there was none.
    #[schema(required)]
    scan: Option<Scan>,
    /// Counts changes of the file, from 1.
    version: i64,
}

impl Versioned for FileView {
    fn version(&self) -> i64 {
        self.version
    }
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
            tags: file.tags,
            metadata: file.metadata,
            created_at: file.created_at,
            updated_at: file.updated_at,
            version: file.revision,
            scan: file.scan,
        }
    }
}

/// A line of a bucket's list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum EntryView {
    /// A file.
    File(Box<FileView>),
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
            Entry::File(file) => Self::File(Box::new((*file).into())),
            Entry::Folder(path) => Self::Folder(FolderView { path }),
        }
    }
}
