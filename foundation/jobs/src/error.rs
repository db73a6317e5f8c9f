use std::time::Duration;

/// How a job failed, chosen where the reason is known.
#[derive(Debug)]
pub enum JobError {
    /// Try again by the job's policy.
    Retry(Box<dyn std::error::Error + Send + Sync>),
    /// Try again no sooner than this, as the other side asked.
    RetryAfter(Duration, Box<dyn std::error::Error + Send + Sync>),
    /// Trying again cannot help: put aside with this reason.
    GiveUp(Box<dyn std::error::Error + Send + Sync>),
}

impl JobError {
    /// Try again by the job's policy.
    pub fn retry(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Retry(error.into())
    }

    /// Put aside with this reason.
    pub fn give_up(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::GiveUp(error.into())
    }

    /// The reason with its whole chain of sources, for the log and the dead-letter row.
    pub fn reason(&self) -> String {
        let (Self::Retry(error) | Self::RetryAfter(_, error) | Self::GiveUp(error)) = self;
        let first: &(dyn std::error::Error + 'static) = &**error;
        let chain: Vec<String> = std::iter::successors(Some(first), |e| e.source()).map(ToString::to_string).collect();
        chain.join(": ")
    }
}

impl From<db::DbError> for JobError {
    fn from(error: db::DbError) -> Self {
        Self::retry(error)
    }
}
