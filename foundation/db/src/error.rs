use diesel::result::{DatabaseErrorKind, Error};

/// What can go wrong between a use case and the database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// All connections are in use and none came free in time. Nothing happened; try again later.
    #[error("no database connection came free in time")]
    Busy,
    /// The database does not answer. Nothing happened.
    #[error("the database does not answer")]
    Unavailable(#[source] r2d2::Error),
    /// The connection broke at COMMIT, or the answer did not come in time: the effect is either fully there or not at all.
    #[error("the connection broke at commit or no answer came in time, so the outcome is unknown")]
    CommitUnknown(#[source] Error),
    /// A statement failed; the transaction is rolled back.
    #[error("a database statement failed")]
    Query(#[source] Error),
    /// The lease of the job that runs this transaction is lost: somebody else may hold the job.
    #[error("the lease of this job is lost")]
    LeaseLost,
    /// A stored value is not what the code can have written.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// The transaction's code panicked; it is rolled back.
    #[error("the transaction's code panicked")]
    Panicked,
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        Self::Query(error)
    }
}

impl DbError {
    /// Whether the statement broke the unique constraint or index of this name.
    pub fn is_unique_violation(&self, constraint: &str) -> bool {
        self.violates(DatabaseErrorKind::UniqueViolation, constraint)
    }

    /// Whether the statement broke the check constraint of this name.
    pub fn is_check_violation(&self, constraint: &str) -> bool {
        self.violates(DatabaseErrorKind::CheckViolation, constraint)
    }

    /// Whether a lock was not granted within the role's `lock_timeout`.
    pub fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Query(Error::DatabaseError(_, info)) if info.message().contains("lock timeout"))
    }

    /// Whether nothing happened and the same attempt may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Busy | Self::Unavailable(_) => true,
            Self::Query(error) => closed(error) || is_conflict(error) || self.is_lock_timeout() || exhausted(error),
            Self::CommitUnknown(_) | Self::LeaseLost | Self::Corrupt(_) | Self::Panicked => false,
        }
    }

    /// A count that PostgreSQL gave as `bigint` or nothing.
    pub fn count(value: Option<i64>) -> Result<u64, Self> {
        u64::try_from(value.unwrap_or_default()).map_err(|_| Self::Corrupt("negative count".into()))
    }

    fn violates(&self, wanted: DatabaseErrorKind, constraint: &str) -> bool {
        match self {
            Self::Query(Error::DatabaseError(kind, info)) => {
                std::mem::discriminant(kind) == std::mem::discriminant(&wanted)
                    && info.constraint_name() == Some(constraint)
            }
            _ => false,
        }
    }
}

/// Whether the connection was lost or the server is going down or coming up.
fn closed(error: &Error) -> bool {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction,
            _,
        )
        | Error::BrokenTransactionManager => true,
        Error::DatabaseError(_, info) => {
            let message = info.message();
            [
                "terminating connection",
                "server closed the connection",
                "no connection to the server",
                "is shutting down",
                "could not receive data from server",
                "could not send data to server",
                "SSL SYSCALL error",
                "SSL connection has been closed",
            ]
            .iter()
            .any(|text| message.contains(text))
        }
        _ => false,
    }
}

/// Whether the server gave up for want of time or room, which may be there later.
fn exhausted(error: &Error) -> bool {
    let Error::DatabaseError(_, info) = error else { return false };
    ["due to statement timeout", "No space left on device", "out of memory"]
        .iter()
        .any(|text| info.message().contains(text))
}

/// Whether PostgreSQL chose this transaction as the loser of a conflict: the whole of it may be run again.
pub(crate) fn is_conflict(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        Error::DatabaseError(_, info) => info.message() == "deadlock detected",
        _ => false,
    }
}

/// Whether COMMIT itself was refused by the server, in which case nothing happened.
pub(crate) fn commit_was_refused(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(..) | Error::RollbackTransaction) && !closed(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(message: &str) -> Error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
    }

    #[test]
    fn a_commit_without_an_answer_was_not_refused() {
        for lost in [
            "server closed the connection unexpectedly",
            "could not receive data from server: Connection timed out",
            "SSL SYSCALL error: EOF detected",
            "terminating connection due to administrator command",
        ] {
            assert!(!commit_was_refused(&said(lost)), "{lost}");
        }
        assert!(commit_was_refused(&said("entry does not balance")));
    }

    #[test]
    fn what_may_pass_is_temporary_and_a_fault_is_not() {
        for passing in [
            "canceling statement due to statement timeout",
            "canceling statement due to lock timeout",
            "could not extend file \"base/1/2\": No space left on device",
            "deadlock detected",
        ] {
            assert!(DbError::from(said(passing)).is_temporary(), "{passing}");
        }
        assert!(!DbError::from(said("column x does not exist")).is_temporary());
    }
}
