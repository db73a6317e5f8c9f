//! Uploads that come in pieces through the API and can be resumed after a break (tus).
//!
//! What has arrived lies in the store as parts of at least 5 MiB, and what is behind the last part, as an object of its own,
//! the tail. The row tells how many bytes are safe, and keeps the state of SHA-256 after so many. One request writes at a
//! time: it holds the row's lock, says so again while it lives, and every change demands the lock still. Objects are written
//! under keys that nobody else writes, or as parts whose `ETag` decides; so a request that lost its lock changes nothing.

mod append;
mod create;
mod find;
mod finish;
mod lock;
mod row;
mod terminate;
mod writer;

pub use append::{Append, Appended, Appending, Checksum, append};
pub use create::{CreateResumable, create_resumable};
pub use find::{Resumable, find_resumable};
pub(crate) use finish::{join, sealed, show};
pub use terminate::terminate;

use crate::UploadError;
use db::DbError;

/// Why a piece was not added.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The upload stands at another offset.
    #[error("the upload stands at {offset}")]
    Offset {
        /// Bytes that are safe.
        offset: i64,
    },
    /// Another request is writing.
    #[error("another request writes to this upload")]
    Locked,
    /// More bytes than the upload was said to have.
    #[error("more bytes than the upload was said to have")]
    TooLong,
    /// The length that is said now is not the one that was said before, or less than what is there.
    #[error("the length differs from what was said before")]
    Length,
    /// The piece has another checksum than was said; it was discarded.
    #[error("the piece has another checksum")]
    Checksum,
    /// As for other uploads.
    #[error(transparent)]
    Upload(#[from] UploadError),
}

impl From<DbError> for AppendError {
    fn from(error: DbError) -> Self {
        Self::Upload(error.into())
    }
}
