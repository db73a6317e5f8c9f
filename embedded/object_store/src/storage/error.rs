//! What can go wrong in the storage, and which S3 error it becomes.

use std::io;

use s3s::{S3Error, S3ErrorCode};

/// Why the storage refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    #[error("the bucket does not exist")]
    NoSuchBucket,
    #[error("the bucket still holds objects")]
    BucketNotEmpty,
    #[error("the object does not exist")]
    NoSuchKey,
    #[error("the multipart upload does not exist")]
    NoSuchUpload,
    #[error("the key holds a control character or is empty")]
    InvalidKey,
    #[error("the key is longer than 1024 bytes")]
    KeyTooLong,
    #[error("a part is unknown or its ETag differs")]
    InvalidPart,
    #[error("parts are not in ascending order")]
    InvalidPartOrder,
    #[error("part numbers go from 1 to 10000")]
    InvalidPartNumber,
    #[error("at least one part is needed")]
    NoParts,
    #[error("a part other than the last is smaller than 5 MiB")]
    EntityTooSmall,
    #[error("a precondition does not hold")]
    PreconditionFailed,
    #[error("not modified")]
    NotModified,
    #[error("the journal takes no more writes until a restart")]
    JournalClosed,
    #[error("disk: {0}")]
    Io(#[from] io::Error),
    #[error("encoding: {0}")]
    Encode(#[from] serde_json::Error),
}

impl From<StorageError> for S3Error {
    fn from(error: StorageError) -> Self {
        let code = match &error {
            StorageError::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            StorageError::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
            StorageError::NoSuchKey => S3ErrorCode::NoSuchKey,
            StorageError::NoSuchUpload => S3ErrorCode::NoSuchUpload,
            StorageError::InvalidKey | StorageError::InvalidPartNumber => S3ErrorCode::InvalidArgument,
            StorageError::KeyTooLong => S3ErrorCode::KeyTooLongError,
            StorageError::InvalidPart => S3ErrorCode::InvalidPart,
            StorageError::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
            StorageError::NoParts => S3ErrorCode::MalformedXML,
            StorageError::EntityTooSmall => S3ErrorCode::EntityTooSmall,
            StorageError::PreconditionFailed => S3ErrorCode::PreconditionFailed,
            StorageError::NotModified => S3ErrorCode::NotModified,
            StorageError::JournalClosed => S3ErrorCode::ServiceUnavailable,
            StorageError::Io(_) | StorageError::Encode(_) => {
                tracing::error!(%error, "object storage failed");
                // The caller learns nothing of paths or disks.
                return Self::new(S3ErrorCode::InternalError);
            }
        };
        Self::with_message(code, error.to_string())
    }
}
