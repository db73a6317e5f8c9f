//! Uploads of more than one request: presigned ones, and resumable ones.

mod abort;
mod complete;
mod create;
mod instructions;
mod row;
mod show;
mod stale;

pub use abort::abort_upload;
pub use complete::complete_upload;
pub use create::{CreateUpload, create_upload};
pub(crate) use instructions::note_store_id;
pub use instructions::{Instructions, SignedPart, upload_instructions};
pub(crate) use row::{REMEMBERED, end_expired, find_any, forget_ended, set_done, set_given_up};
pub use row::{UploadKind, UploadState};
pub use show::DirectUpload;
pub(crate) use stale::{Stale, end_stale, stale};
