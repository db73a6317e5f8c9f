use db::DbError;
use kernel::{permission::Permission, secrets::SecretError};
use metering::ReserveError;

/// Why a key was not made, changed, rotated or revoked.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// No such key in this firm.
    #[error("no such key")]
    NotFound,
    /// It was taken back.
    #[error("the key is revoked")]
    Revoked,
    /// Its time is over.
    #[error("the key has expired")]
    Expired,
    /// It was changed since it was read.
    #[error("the key has another version")]
    Stale,
    /// Whoever asks may not do this themselves.
    #[error("{0} is not theirs to give")]
    ScopeNotYours(Permission),
    /// No program may do this.
    #[error("{0} is for people")]
    ScopeForPeople(Permission),
    /// The end of its time would lie in the past.
    #[error("the expiry lies in the past")]
    ExpiryPassed,
    /// Too many tokens of the key work at once.
    #[error("too many tokens of the key work at once")]
    TooManyTokens,
    /// The firm's plan allows no more keys.
    #[error("the plan allows {maximum} keys")]
    LimitReached {
        /// How many it allows.
        maximum: i64,
    },
    /// Whoever asks must show again who they are.
    #[error("must show again who they are")]
    StepUpRequired,
    /// The address of whoever asks is not verified.
    #[error("the e-mail address is not verified")]
    EmailNotVerified,
    /// No token could be made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ReserveError> for ApiKeyError {
    fn from(error: ReserveError) -> Self {
        match error {
            ReserveError::LimitReached { maximum, .. } => Self::LimitReached { maximum },
            ReserveError::Db(error) => Self::Db(error),
        }
    }
}
