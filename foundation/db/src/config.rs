use kernel::secrets::Secret;
use std::time::Duration;

/// What libpq is told of a network that swallows packets: a connection attempt ends after five seconds, an idle connection is
/// found dead after thirty, sent data that nobody confirms ends it after twenty. Over a unix socket none of it applies.
const LIMITS: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("keepalives_idle", "15"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "20000"),
];

/// A libpq URL with limits for a dead network, but for those that it sets itself.
pub fn with_limits(url: &Secret) -> Secret {
    let mut text = url.expose().clone();
    for (name, value) in LIMITS {
        if !text.contains(&format!("{name}=")) {
            let sign = if text.contains('?') { "&" } else { "?" };
            text.extend([sign, name, "=", value]);
        }
    }
    Secret::new(text)
}

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DbConfig {
    /// libpq URL of the unprivileged login role.
    pub url: Secret,
    /// Connections, and so transactions at once.
    pub pool_size: u32,
    /// How long a caller waits for a free connection before it is told to come back later.
    pub wait: Duration,
    /// How long a caller waits for a transaction before it is told that the outcome is unknown: a server that hangs, or a
    /// network that swallows, must not hold callers for ever.
    pub answer: Duration,
}

impl DbConfig {
    /// Eight connections, two seconds of patience for one of them, and one minute for an answer.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Secret::new(url.into()),
            pool_size: 8,
            wait: Duration::from_secs(2),
            answer: Duration::from_mins(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_added_unless_they_are_set() {
        let bare = with_limits(&Secret::new("postgresql://a:b@h/d".into()));
        assert!(bare.expose().starts_with("postgresql://a:b@h/d?connect_timeout=5&keepalives_idle=15&"), "{bare:?}");
        let own = with_limits(&Secret::new("postgresql://a:b@h/d?connect_timeout=60".into()));
        assert!(own.expose().starts_with("postgresql://a:b@h/d?connect_timeout=60&keepalives_idle=15&"), "{own:?}");
    }
}
