use std::time::Duration;

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DbConfig {
    /// libpq URL of the unprivileged login role.
    pub url: kernel::secrets::Secret,
    /// Connections, and so transactions at once.
    pub pool_size: u32,
    /// How long a caller waits for a free connection before it is told to come back later.
    pub wait: Duration,
}

impl DbConfig {
    /// Eight connections and two seconds of patience.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: kernel::secrets::Secret::new(url.into()), pool_size: 8, wait: Duration::from_secs(2) }
    }
}
