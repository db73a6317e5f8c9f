//! Settings, from the environment or the TOML file that `SMECLOUD_CONFIG` names.

mod source;
#[cfg(test)]
mod tests;

pub use source::ConfigError;

use files::Scanner;
use ipnet::IpNet;
use kernel::secrets::{MasterKey, Secret, random_token};
use source::Source;
use std::{net::SocketAddr, path::PathBuf};
use url::Url;

/// Declares the settings' names: those that a file may have, and no others.
const KEYS: &[&str] = &[
    "LISTEN_ADDR",
    "METRICS_ADDR",
    "DATA_DIR",
    "PUBLIC_URL",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_POOL_SIZE",
    "S3_ENDPOINT",
    "S3_PUBLIC_ENDPOINT",
    "S3_REGION",
    "S3_BUCKET",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
    "STRIPE_PUBLISHABLE_KEY",
    "PAYMENTS",
    "DEMO",
    "SMTP_URL",
    "MAIL_FROM",
    "PLATFORM_ADMIN_EMAIL",
    "PLATFORM_ADMIN_PASSWORD",
    "SECRETS_KEY",
    "TRUSTED_PROXIES",
    "CORS_ORIGINS",
    "CLAMD_ADDR",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "PORTAL_DIR",
    "RATE_LIMITS",
    "LOG",
];

/// Where a payment simulator is expected when `PAYMENTS=simulator` names none.
const SIMULATOR_ADDRESS: &str = "http://127.0.0.1:12111";

/// An S3 store outside.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// Where the platform reaches it.
    pub endpoint: Url,
    /// Where callers reach it; presigned URLs point there.
    pub public_endpoint: Url,
    /// Region for signatures.
    pub region: String,
    /// The bucket of the platform.
    pub bucket: String,
    /// Access key id.
    pub access_key: String,
    /// Secret key.
    pub secret_key: Secret,
}

/// The payment provider's account.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// Secret key.
    pub secret_key: Secret,
    /// Secret of the webhook's signatures.
    pub webhook_secret: Secret,
    /// Another address than Stripe's own: the simulator.
    pub api_base: Option<Url>,
    /// The key for browsers.
    pub publishable_key: Option<String>,
}

/// The administrator that the first start makes.
#[derive(Debug, Clone)]
pub struct AdminSettings {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Secret,
}

/// Every setting, read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the API listens.
    pub listen_addr: SocketAddr,
    /// Where `/metrics` is served; none if unset.
    pub metrics_addr: Option<SocketAddr>,
    /// Where the embedded parts keep their data.
    pub data_dir: PathBuf,
    /// Where people reach the platform.
    pub public_url: Url,
    /// The unprivileged login role; unset: embedded.
    pub database_url: Option<Secret>,
    /// The schema's owner, for `migrate` only.
    pub database_owner_url: Option<Secret>,
    /// Database connections.
    pub database_pool_size: u32,
    /// An S3 store outside; unset: embedded.
    pub s3: Option<S3Settings>,
    /// The payment provider; unset: simulator.
    pub stripe: Option<StripeSettings>,
    /// `PAYMENTS=simulator`: money is not real, on purpose.
    pub payments_simulator: bool,
    /// `DEMO=1`: the simulator may serve on a public address.
    pub demo: bool,
    /// A mail server; unset: embedded catcher. May hold a password.
    pub smtp_url: Option<Secret>,
    /// Sender of mails.
    pub mail_from: String,
    /// The administrator that the first start makes.
    pub platform_admin: Option<AdminSettings>,
    /// Wraps signing keys and other secrets.
    pub secrets_key: Option<MasterKey>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// A virus scanner.
    pub clamd_addr: Option<Scanner>,
    /// Where traces go.
    pub otel_endpoint: Option<Url>,
    /// The portal's built files.
    pub portal_dir: Option<PathBuf>,
    /// Whether rates are limited.
    pub rate_limits: bool,
    /// Filter of the log.
    pub log: String,
}

impl Config {
    /// From the process's environment, and the file it names.
    pub fn load() -> Result<Self, ConfigError> {
        Self::of(&Source::of_process()?)
    }

    /// From given variables, and the file they name.
    pub fn from_variables(variables: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::of(&Source::new(variables)?)
    }

    /// Refuses to serve real orders with pretended money by accident: for the binaries `api` and `worker`.
    pub fn require_payments(&self) -> Result<(), ConfigError> {
        if self.stripe.is_some() || self.payments_simulator {
            return Ok(());
        }
        Err(ConfigError::new("STRIPE_SECRET_KEY", "is not set; set PAYMENTS=simulator to run without real payments"))
    }

    /// The payment provider to call: as set, or with `PAYMENTS=simulator` alone one that nobody has started, so that everything but
    /// paying works.
    pub fn payment_provider(&self) -> Option<StripeSettings> {
        let nowhere = || {
            Some(StripeSettings {
                secret_key: Secret::new("sk_test_simulator".into()),
                // Nobody knows it, so no event is believed.
                webhook_secret: random_token().ok()?,
                api_base: Url::parse(SIMULATOR_ADDRESS).ok(),
                publishable_key: None,
            })
        };
        self.stripe.clone().or_else(|| self.payments_simulator.then(nowhere).flatten())
    }

    fn of(source: &Source) -> Result<Self, ConfigError> {
        let listen_addr = source.parsed("LISTEN_ADDR", "an address such as 127.0.0.1:8080")?;
        let listen_addr = listen_addr.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        Ok(Self {
            listen_addr,
            metrics_addr: source.parsed("METRICS_ADDR", "an address such as 127.0.0.1:9090")?,
            data_dir: source.text("DATA_DIR").unwrap_or_else(|| "./data".into()).into(),
            public_url: public_url(source, listen_addr)?,
            database_url: source.url_secret("DATABASE_URL", &["postgres", "postgresql"])?,
            database_owner_url: source.url_secret("DATABASE_OWNER_URL", &["postgres", "postgresql"])?,
            database_pool_size: pool_size(source)?,
            s3: s3(source)?,
            stripe: stripe(source)?,
            payments_simulator: source.one_of("PAYMENTS", &["stripe", "simulator"])? == Some("simulator"),
            demo: source.one_of("DEMO", &["0", "1"])? == Some("1"),
            smtp_url: source.url_secret("SMTP_URL", &["smtp", "smtps"])?,
            mail_from: mail_from(source)?,
            platform_admin: admin(source)?,
            secrets_key: secrets_key(source)?,
            trusted_proxies: source.listed("TRUSTED_PROXIES", "addresses or networks such as 10.0.0.0/8", network)?,
            cors_origins: source.listed("CORS_ORIGINS", "origins such as https://shop.example.com", origin)?,
            clamd_addr: source.parsed("CLAMD_ADDR", "host:port or the path of a socket")?,
            otel_endpoint: source.url("OTEL_EXPORTER_OTLP_ENDPOINT")?,
            portal_dir: portal_dir(source)?,
            rate_limits: source.one_of("RATE_LIMITS", &["on", "off"])? != Some("off"),
            log: log(source)?,
        })
    }
}

fn public_url(source: &Source, listen: SocketAddr) -> Result<Url, ConfigError> {
    if let Some(url) = source.url("PUBLIC_URL")? {
        return Ok(url);
    }
    Url::parse(&format!("http://{listen}")).map_err(|_| ConfigError::new("PUBLIC_URL", "is not set"))
}

fn pool_size(source: &Source) -> Result<u32, ConfigError> {
    let size = source.parsed("DATABASE_POOL_SIZE", "a number from 1 to 500")?.unwrap_or(8);
    if (1..=500).contains(&size) {
        Ok(size)
    } else {
        Err(ConfigError::new("DATABASE_POOL_SIZE", "must be a number from 1 to 500"))
    }
}

fn s3(source: &Source) -> Result<Option<S3Settings>, ConfigError> {
    let public_endpoint = source.url("S3_PUBLIC_ENDPOINT")?;
    let Some(endpoint) = source.url("S3_ENDPOINT")? else {
        source.absent(&["S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"], "S3_ENDPOINT")?;
        return Ok(None);
    };
    Ok(Some(S3Settings {
        public_endpoint: public_endpoint.unwrap_or_else(|| endpoint.clone()),
        endpoint,
        region: source.text("S3_REGION").unwrap_or_else(|| "us-east-1".into()),
        bucket: source.required("S3_BUCKET", "S3_ENDPOINT")?,
        access_key: source.required("S3_ACCESS_KEY", "S3_ENDPOINT")?,
        secret_key: Secret::new(source.required("S3_SECRET_KEY", "S3_ENDPOINT")?),
    }))
}

fn stripe(source: &Source) -> Result<Option<StripeSettings>, ConfigError> {
    let api_base = source.url("STRIPE_API_BASE")?;
    let Some(secret_key) = source.text("STRIPE_SECRET_KEY") else {
        source.absent(&["STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"], "STRIPE_SECRET_KEY")?;
        return Ok(None);
    };
    Ok(Some(StripeSettings {
        secret_key: Secret::new(secret_key),
        webhook_secret: Secret::new(source.required("STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY")?),
        api_base,
        publishable_key: source.text("STRIPE_PUBLISHABLE_KEY"),
    }))
}

fn mail_from(source: &Source) -> Result<String, ConfigError> {
    let from = source.text("MAIL_FROM").unwrap_or_else(|| "SME Cloud <no-reply@localhost>".into());
    let address = from.rsplit_once('<').map_or(from.as_str(), |(_, rest)| rest.trim_end_matches('>'));
    match address.split_once('@') {
        Some((local, host)) if !local.is_empty() && !host.is_empty() => Ok(from),
        _ => Err(ConfigError::new("MAIL_FROM", "must be an address such as SME Cloud <no-reply@example.com>")),
    }
}

fn admin(source: &Source) -> Result<Option<AdminSettings>, ConfigError> {
    let Some(email) = source.text("PLATFORM_ADMIN_EMAIL") else {
        source.absent(&["PLATFORM_ADMIN_PASSWORD"], "PLATFORM_ADMIN_EMAIL")?;
        return Ok(None);
    };
    if !email.contains('@') {
        return Err(ConfigError::new("PLATFORM_ADMIN_EMAIL", "must be an e-mail address"));
    }
    let password = Secret::new(source.required("PLATFORM_ADMIN_PASSWORD", "PLATFORM_ADMIN_EMAIL")?);
    Ok(Some(AdminSettings { email, password }))
}

fn secrets_key(source: &Source) -> Result<Option<MasterKey>, ConfigError> {
    let Some(text) = source.text("SECRETS_KEY") else { return Ok(None) };
    MasterKey::from_hex(&text).map(Some).map_err(|error| ConfigError::new("SECRETS_KEY", &error.to_string()))
}

fn portal_dir(source: &Source) -> Result<Option<PathBuf>, ConfigError> {
    let Some(path) = source.text("PORTAL_DIR").map(PathBuf::from) else { return Ok(None) };
    if path.is_dir() { Ok(Some(path)) } else { Err(ConfigError::new("PORTAL_DIR", "is not a directory")) }
}

fn log(source: &Source) -> Result<String, ConfigError> {
    let filter = source.text("LOG").unwrap_or_else(|| "info".into());
    match filter.parse::<tracing_subscriber::filter::EnvFilter>() {
        Ok(_) => Ok(filter),
        Err(_) => Err(ConfigError::new("LOG", "must be a filter such as info or info,db=debug")),
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.origin().ascii_serialization();
    (matches!(url.scheme(), "http" | "https") && bare == text).then_some(bare)
}
