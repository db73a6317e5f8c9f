//! Failures of the database, which the caller learns nothing about but what to do.

use super::{Problem, edge};
use db::DbError;
use std::error::Error;

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        let problem = match &error {
            DbError::CommitUnknown(_) => edge::OUTCOME_UNKNOWN.retry_after(1),
            error if error.is_temporary() => edge::UNAVAILABLE.retry_after(1),
            _ => Self::new(edge::INTERNAL),
        };
        // The one place where a failure of the database is logged.
        if matches!(error, DbError::Busy) {
            tracing::warn!("no database connection came free in time");
        } else {
            tracing::error!(error = %chain(&error), "the database failed a request");
        }
        problem
    }
}

impl Problem {
    /// An error that is nobody's doing but ours: logged once with its sources, told to the caller as 500.
    pub fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error = %chain(error), "a request failed");
        Self::new(edge::INTERNAL)
    }
}

/// An error with all its sources, in one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| Error::source(*error))
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
