//! Data storage: a firm's files, kept in buckets, their bytes in an object store.
//!
//! A file is a path in a bucket that shows one version; a version shows a blob; a blob is an object whose key is made of the
//! tenant's and the blob's id, so no name can reach another's object and a rename moves no byte.
//!
//! ```text
//! blob: pending --finished--> live --nothing shows it--> doomed --object deleted--> gone
//!          \--aborted or expired------------------------^      (back to doomed, if the upload stores its object after all)
//! ```
//!
//! A picture has smaller ones, made by the worker, each in a blob of its own that comes and goes with the picture's.
//!
//! - INV-F1: a version is visible only when its object is whole in the store and its SHA-256 is known.
//! - INV-F2: bytes used and reserved never exceed the tenant's limit; a reservation ends with its upload.
//! - INV-F3: an object is deleted only by the worker, after the transaction that doomed its blob has committed.
//! - INV-F4: byte-hours are counted in the transaction that changes what is stored.
//! - INV-F20: no file is stored under a type that its first bytes contradict.
//! - INV-F21: a small picture's object lives no longer than the picture, and has a row that the sweeper finds at all times.

mod blob;
mod bucket;
mod create_bucket;
mod delete;
mod download;
mod events;
mod file;
mod gauge;
mod jobs;
mod list;
mod object_store;
mod path;
mod picture;
mod readable;
mod receive;
mod sniff;
mod thumbnail;
mod upload;
mod usage;

pub use bucket::{Bucket, BucketName, Visibility, find_bucket, list_buckets};
pub use create_bucket::{CreateBucket, CreateBucketError, create_bucket};
pub use delete::delete_file;
pub use download::{ByteRange, record_egress};
pub use file::{File, FileError, find, find_at};
pub use jobs::{CountStorage, DeleteDoomedObjects, DrawThumbnails, FindStorageWork, GiveUpUploads};
pub use list::{Entry, ListFiles, list_files};
pub use object_store::{ObjectStore, ObjectStoreConfig, ObjectStoreError};
pub use path::{FilePath, PathError};
pub use picture::Preset;
pub use readable::{NotReadable, Readable, readable};
pub use receive::{Received, receive};
pub use thumbnail::{Thumbnail, ThumbnailError, thumbnail};
pub use upload::{Upload, UploadError, Uploaded};
pub use usage::{BucketUsage, StorageUsage, storage_usage};
