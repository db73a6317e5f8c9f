//! A simulator alone on an address: `serve FOLDER ADDRESS SECRET_KEY [WEBHOOK_URL WEBHOOK_SECRET]`.

use std::error::Error;
use std::sync::Arc;

use chrono::Utc;
use stripe_simulator::{Config, StripeSimulator, WebhookTarget};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().ok_or_else(|| format!("missing argument: {name}"));
    let (root, listen, secret_key) = (next("FOLDER")?.into(), next("ADDRESS")?.parse()?, next("SECRET_KEY")?);
    let webhook = match (next("WEBHOOK_URL"), next("WEBHOOK_SECRET")) {
        (Ok(url), Ok(secret)) => Some(WebhookTarget { url, secret }),
        _ => None,
    };
    let clock = Arc::new(Utc::now);
    let config = Config { root, listen, secret_key, webhook, clock, seed: None, fsync: true };
    let _simulator = StripeSimulator::start(config).await?;
    // Served until the process is killed, which the journal is made for.
    std::future::pending().await
}
