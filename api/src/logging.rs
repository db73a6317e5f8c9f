//! The log: one JSON object a line, to standard output.

use tracing_subscriber::{EnvFilter, util::TryInitError};

/// Begins to log what `filter` lets through: once a process.
pub fn init(filter: &str) -> Result<(), TryInitError> {
    use tracing_subscriber::util::SubscriberInitExt;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(EnvFilter::new(filter))
        .finish()
        .try_init()
}
