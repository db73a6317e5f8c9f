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
//! Where there is a virus scanner, nobody reads a blob before the worker has had it looked at. A picture has smaller ones, made by the worker, each in a blob of its own that comes and goes with the picture's.
//!
//! - INV-F1: a version is visible only when its object is whole in the store and its SHA-256 is known.
//! - INV-F2: bytes used and reserved never exceed the tenant's limit; a reservation ends with its upload.
//! - INV-F3: an object is deleted only by the worker, after the transaction that doomed its blob has committed; or by hand, if no row knows it.
//! - INV-F10: what is shown of a presigned upload was compared with what was declared where no signed address reaches it.
//! - INV-F11: of two requests that add to one resumable upload, one writes; what it was told is safe, stays.
//! - INV-F4: byte-hours are counted in the transaction that changes what is stored.
//! - INV-F20: no file is stored under a type that its first bytes contradict.
//! - INV-F21: a small picture's object lives no longer than the picture, and has a row that the sweeper finds at all times.
//! - INV-F22: where there is a virus scanner, nobody reads what it has not found clean: the way to an object is a `Readable`.
//! - INV-F30: objects and rows are compared both ways every day; what differs is told and stays, until somebody has it removed.

mod blob;
mod bucket;
mod clamd;
mod create_bucket;
mod delete;
mod download;
mod events;
mod file;
mod gauge;
mod jobs;
mod list;
mod measure;
mod object_store;
mod parts;
mod path;
mod picture;
mod readable;
mod receive;
mod reconcile;
mod resumable;
mod scan;
mod signed;
mod sniff;
mod thumbnail;
mod upload;
mod uploads;
mod usage;
mod warn;

pub use bucket::{Bucket, BucketName, Visibility, find_bucket, list_buckets};
pub use clamd::Scanner;
pub use create_bucket::{CreateBucket, CreateBucketError, create_bucket};
pub use delete::delete_file;
pub use download::{ByteRange, issue_download, record_egress};
pub use file::{File, FileError, find, find_at};
pub use jobs::{
    AbortStaleParts, CountStorage, DeleteDoomedObjects, DrawThumbnails, FindStorageWork, FinishUpload, GiveUpUploads,
    ReconcileStorage, ScanBlob,
};
pub use list::{Entry, ListFiles, list_files};
pub use object_store::{ObjectStore, ObjectStoreConfig, ObjectStoreError};
pub use path::{FilePath, PathError};
pub use picture::Preset;
pub use readable::{NotReadable, Readable, Scan, readable};
pub use receive::{Received, receive};
pub use reconcile::{Difference, Finding, ReconcileError, Reconciliation, SAFE_AGE, remove};
pub use resumable::{
    Append, AppendError, Appended, Appending, Checksum, CreateResumable, Resumable, append, create_resumable,
    find_resumable, terminate,
};
pub use signed::SignedPut;
pub use thumbnail::{Thumbnail, ThumbnailError, thumbnail};
pub use upload::{RefusedBy, Upload, UploadError, Uploaded};
pub use uploads::{
    CreateUpload, DirectUpload, Instructions, SignedPart, UploadKind, UploadState, abort_upload, complete_upload,
    create_upload, upload_instructions,
};
pub use usage::{BucketUsage, StorageUsage, storage_usage};
