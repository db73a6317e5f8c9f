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
//! An overwritten version and a file in the trash wait as long as their bucket says, then they are deleted for good:
//!
//! ```text
//! file: in its place <--deleted, restored--> in the trash --due or told so, not held--> deleted for good
//! version: shown --replaced--> older --due or told so, not held--> deleted for good
//!             \<------restored------/
//! ```
//!
//! Where there is a virus scanner, nobody reads a blob before the worker has had it looked at. A picture has smaller ones, made
//! by the worker, each in a blob of its own that comes and goes with the picture's.
//!
//! - INV-F1: a version is visible only when its object is whole in the store and its SHA-256 is known.
//! - INV-F2: bytes used and reserved never exceed the tenant's limit; a reservation ends with its upload.
//! - INV-F3: an object is deleted only by the worker, after the transaction that doomed its blob has committed; or by hand, if no row knows it.
//! - INV-F10: what is shown of a presigned upload was compared with what was declared where no signed address reaches it.
//! - INV-F11: of two requests that add to one resumable upload, one writes; what it was told is safe, stays.
//! - INV-F4: byte-hours are counted in the transaction that changes what is stored.
//! - INV-F5: equal bytes are stored once in a firm; `blobs.refs` is the number of rows that show them, and a blob is doomed
//!   with the last of them. No firm's bytes are ever shared with another's. What is counted is the sum of all versions.
//! - INV-F6: a held file is not deleted for good, nor is any of its versions.
//! - INV-F7: `file_history` tells for every moment where each file was and what it showed.
//! - INV-F20: no file is stored under a type that its first bytes contradict.
//! - INV-F21: a small picture's object lives no longer than the picture, and has a row that the sweeper finds at all times.
//! - INV-F22: where there is a virus scanner, nobody reads what it has not found clean: the way to an object is a `Readable`.
//! - INV-F24: what uploads need of memory is bounded for the process, and none waits for another's sender.
//! - INV-F25: who reads a whole file gets the bytes with its SHA-256, or sees that some are missing.
//! - INV-F40: what the days of a firm's buckets add up to is what the firm is billed for, in byte-hours and in bytes sent.
//! - INV-F30: objects and rows are compared both ways every day; what differs is told and stays, until somebody has it removed.

mod archive;
mod blob;
mod bucket;
mod clamd;
mod copy_file;
mod create_bucket;
mod days;
mod delete;
mod delete_bucket;
mod download;
mod events;
mod file;
mod file_job;
mod folder;
mod gauge;
mod history;
mod hold;
mod jobs;
mod lifecycle;
mod list;
mod measure;
mod moment;
mod move_file;
mod object_store;
mod parts;
mod path;
mod picture;
mod purge;
mod put;
mod readable;
mod receive;
mod reconcile;
mod restore_plan;
mod restore_version;
mod resumable;
mod retention;
mod scan;
mod signed;
mod sniff;
mod spool;
mod thumbnail;
mod traffic;
mod trash;
mod update_bucket;
mod update_file;
mod upload;
mod uploads;
mod usage;
mod verified;
mod version;
mod warn;

pub use archive::{Archive, Turn, next_in_folder};
pub use bucket::{Bucket, BucketName, Visibility, find_bucket, list_buckets};
pub use clamd::Scanner;
pub use copy_file::copy_file;
pub use create_bucket::{CreateBucket, CreateBucketError, create_bucket};
pub use delete::delete_file;
pub use delete_bucket::{DeleteBucketError, delete_bucket};
pub use download::{ByteRange, issue_download};
pub use file::{File, FileError, find, find_at};
pub use file_job::{Conflict, FileJob, FileJobFailure, FileJobKind, FileJobState, find_file_job, list_file_jobs};
pub use folder::{FolderError, FolderMove, start_folder_move};
pub use hold::{Hold, list_holds, place_hold, release_hold};
pub use jobs::{
    AbortStaleParts, ApplyLifecycle, ApplyRetention, CountStorage, DeleteDoomedObjects, DrawThumbnails, EndFileJob,
    FindStorageWork, FinishUpload, GiveUpUploads, PurgeStorage, ReconcileStorage, RunFileJob, ScanBlob,
};
pub use lifecycle::{LifecyclePreview, LifecycleRule, preview_lifecycle, set_lifecycle};
pub use list::{Entry, ListFiles, list_files};
pub use moment::MomentCounts;
pub use move_file::{Destination, move_file};
pub use object_store::{ObjectStore, ObjectStoreConfig, ObjectStoreError};
pub use path::{FilePath, PathError};
pub use picture::Preset;
pub use purge::{purge_file, purge_version};
pub use readable::{NotReadable, Readable, Scan, readable};
pub use receive::{Also, Received, receive, receive_beside};
pub use reconcile::{Difference, Finding, ReconcileError, Reconciliation, SAFE_AGE, remove};
pub use restore_plan::{PlanRestore, RestorePlan, RestorePlanError, apply_restore, find_restore_plan, plan_restore};
pub use restore_version::restore_version;
pub use resumable::{
    Append, AppendError, Appended, Appending, Checksum, CreateResumable, Resumable, append, create_resumable,
    find_resumable, terminate,
};
pub use signed::SignedPut;
pub use thumbnail::{Thumbnail, ThumbnailError, thumbnail};
pub use traffic::Traffic;
pub use trash::{TrashPosition, TrashedFile, list_trash, restore_file};
pub use update_bucket::{UpdateBucket, UpdateBucketError, update_bucket};
pub use update_file::{UpdateFile, update_file};
pub use upload::{RefusedBy, Upload, UploadError, Uploaded};
pub use uploads::{
    CreateUpload, DirectUpload, Instructions, SignedPart, UploadKind, UploadState, abort_upload, complete_upload,
    create_upload, upload_instructions,
};
pub use usage::{BucketDay, BucketUsage, StorageUsage, storage_days, storage_usage};
pub use version::{Version, find_version, list_versions};
