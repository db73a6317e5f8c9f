//! Why a thing of the catalogue that has a name and a version could not be written.

use crate::validate::Fault;
use db::DbError;

/// Why something was not made, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such thing.
    #[error("there is no such thing")]
    NotFound,
    /// The caller saw an older version than the stored one.
    #[error("changed since it was read")]
    Stale {
        /// The stored version.
        current: i64,
    },
    /// Fields are wrong.
    #[error("it is not valid")]
    Invalid(Vec<Fault>),
    /// Another one of its kind has this name.
    #[error("the name is taken")]
    NameTaken,
    /// Other things need it.
    #[error("it is in use")]
    InUse {
        /// Ids of some of them.
        by: Vec<String>,
    },
    /// There are as many as there may be.
    #[error("there may be {maximum} at most")]
    TooMany {
        /// As many as there may be.
        maximum: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl EditError {
    /// Names a broken constraint of unique names for what it is.
    pub(crate) fn named(constraint: &'static str) -> impl Fn(diesel::result::Error) -> Self {
        move |error| {
            let error = DbError::from(error);
            if error.is_unique_violation(constraint) { Self::NameTaken } else { error.into() }
        }
    }
}

/// Refuses who saw another version than the present one.
pub(crate) fn fresh(seen: Option<i64>, current: i64) -> Result<(), EditError> {
    if seen.is_some_and(|version| version != current) { Err(EditError::Stale { current }) } else { Ok(()) }
}

/// Refuses one more where there may be only so many.
pub(crate) const fn within(count: i64, maximum: i64) -> Result<(), EditError> {
    if count >= maximum { Err(EditError::TooMany { maximum }) } else { Ok(()) }
}
