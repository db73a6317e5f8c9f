//! What the embedded parts stand on: their directory, their time, their secrets.

use crate::{backup, clock::PlatformClock, data_dir::DataDir, secrets::Secrets, version};
use anyhow::bail;
use api::config::Config;
use std::sync::Arc;
use url::{Host, Url};

/// The ground of the embedded parts; this process alone uses it.
pub(crate) struct Ground {
    /// Where they keep their data.
    pub(crate) dir: Arc<DataDir>,
    /// Their time.
    pub(crate) clock: Arc<PlatformClock>,
    /// Their keys.
    pub(crate) secrets: Secrets,
}

impl Ground {
    /// Opens the data directory, unless every outside service is configured. An embedded database brings its master key.
    pub(crate) fn open(config: &mut Config) -> anyhow::Result<Option<Self>> {
        refuse_play_money(config)?;
        let outside =
            [config.database_url.is_some(), config.s3.is_some(), config.stripe.is_some(), config.smtp_url.is_some()];
        if outside.into_iter().all(|set| set) {
            return Ok(None);
        }
        let dir = Arc::new(DataDir::open(&config.data_dir)?);
        backup::refuse_half_restored(dir.root())?;
        if config.database_url.is_none() {
            version::check_in(&dir)?;
        }
        let secrets = Secrets::load_or_make(&dir)?;
        if config.database_url.is_none() {
            config.secrets_key.get_or_insert_with(|| secrets.master_key.clone());
        }
        let clock = Arc::new(PlatformClock::open(Arc::clone(&dir))?);
        Ok(Some(Self { dir, clock, secrets }))
    }
}

/// Nobody ships goods against a test card by accident.
fn refuse_play_money(config: &Config) -> anyhow::Result<()> {
    if config.stripe.is_some() || config.demo || is_loopback(&config.public_url) {
        return Ok(());
    }
    bail!(
        "PUBLIC_URL {} is not an address of this machine, and payments would be simulated: set STRIPE_SECRET_KEY and \
         STRIPE_WEBHOOK_SECRET, or DEMO=1 if nothing is sold here",
        config.public_url
    )
}

/// Whether an address is this machine's own.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(public_url: &str, demo: Option<&str>) -> Config {
        let variables = |key: &str| match key {
            "PUBLIC_URL" => Some(public_url.to_owned()),
            "DEMO" => demo.map(str::to_owned),
            _ => None,
        };
        Config::from_variables(variables).unwrap()
    }

    #[test]
    fn simulated_money_stays_on_this_machine_unless_it_is_a_demo() {
        for near in ["http://127.0.0.1:8080", "http://localhost", "http://shop.localhost:1", "http://[::1]:8080"] {
            assert!(refuse_play_money(&config(near, None)).is_ok(), "{near}");
        }
        for far in ["https://cloud.example.com", "http://10.0.0.1", "http://0.0.0.0:8080", "http://localhost.evil.com"]
        {
            assert!(refuse_play_money(&config(far, None)).is_err(), "{far}");
            assert!(refuse_play_money(&config(far, Some("1"))).is_ok(), "{far}");
        }
    }
}
