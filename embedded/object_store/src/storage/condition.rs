//! Conditional requests (RFC 9110 section 13, as far as S3 has them).

use s3s::dto::{ETagCondition, Timestamp};

use super::error::StorageError;
use super::index::Entry;
use super::to_http_time;

/// The conditions a request carried.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "named after the headers")]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

fn matches(condition: &ETagCondition, entry: &Entry) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == entry.etag,
    }
}

impl Conditions {
    /// For reads and copy sources: a date only counts where no `ETag` decides.
    ///
    /// # Errors
    /// `PreconditionFailed` or `NotModified`.
    pub(crate) fn check_read(&self, entry: &Entry) -> Result<(), StorageError> {
        let modified = Timestamp::from(to_http_time(entry.modified));
        let wanted = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => matches(condition, entry),
            (None, Some(since)) => modified <= *since,
            (None, None) => true,
        };
        if !wanted {
            return Err(StorageError::PreconditionFailed);
        }
        let changed = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => !matches(condition, entry),
            (None, Some(since)) => modified > *since,
            (None, None) => true,
        };
        if changed { Ok(()) } else { Err(StorageError::NotModified) }
    }

    /// For writes and deletions, against what the key stands for now.
    ///
    /// # Errors
    /// `PreconditionFailed`, or `NoSuchKey` where a match with nothing was asked for.
    pub(crate) fn check_write(&self, current: Option<&Entry>) -> Result<(), StorageError> {
        match (&self.if_match, current) {
            (Some(_), None) => return Err(StorageError::NoSuchKey),
            (Some(condition), Some(entry)) if !matches(condition, entry) => {
                return Err(StorageError::PreconditionFailed);
            }
            _ => {}
        }
        match (&self.if_none_match, current) {
            (Some(condition), Some(entry)) if matches(condition, entry) => Err(StorageError::PreconditionFailed),
            _ => Ok(()),
        }
    }
}
