//! What each subcommand does.

use crate::{
    admin,
    base::Base,
    ground::{Ground, is_loopback},
    house::House,
    parts::{self, Parts},
    ready,
    signals::Signals,
};
use anyhow::{Context, bail};
use api::{config::Config, logging, metrics_server, openapi};
use kernel::Actor;
use seeds::{DemoLogIn, SeedDeps};
use std::{
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::timeout;

/// The longest an orderly end may take.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// Runs everything until a signal.
pub(crate) async fn run(demo: bool) -> anyhow::Result<()> {
    let mut signals = Signals::catch()?;
    let config = Config::load()?;
    let _telemetry = logging::init(&config, "smecloud")?;
    start_metrics(&config)?;
    let (house, log_ins) = tokio::select! {
        opened = open(config, demo) => opened?,
        // What has started ends with this process.
        () = signals.next() => return Ok(()),
    };
    say(&ready::block(&house, &log_ins)?);
    signals.next().await;
    say("Stopping ...");
    if timeout(STOP_WITHIN, house.close()).await.is_err() {
        // Waiting threads would hold an ordinary end up. The kernel tells PostgreSQL.
        let _ = writeln!(std::io::stderr(), "smecloud: did not stop in time; the next start repairs what is left");
        std::process::exit(1);
    }
    Ok(())
}

/// Tells the terminal, if there still is one: nothing depends on it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The running platform, and who can sign in to the demo firms.
async fn open(config: Config, demo: bool) -> anyhow::Result<(House, Vec<DemoLogIn>)> {
    let base = Base::start(config).await?;
    let log_ins = if demo { plant(&base).await? } else { Vec::new() };
    Ok((House::open(base)?, log_ins))
}

fn start_metrics(config: &Config) -> anyhow::Result<()> {
    let Some(address) = config.metrics_addr else { return Ok(()) };
    let counted = metrics_server::install()?;
    metrics_server::start(address, counted).with_context(|| format!("cannot listen on METRICS_ADDR {address}"))
}

/// Brings the schema to this program's version.
pub(crate) async fn migrate() -> anyhow::Result<()> {
    let mut config = Config::load()?;
    let ran = if config.database_owner_url.is_some() {
        parts::migrate(&config).await?
    } else if config.database_url.is_some() {
        bail!("DATABASE_OWNER_URL is not set, though DATABASE_URL is: only the schema's owner can migrate");
    } else {
        let ground = Ground::open(&mut config)?.context("no embedded database")?;
        let parts = Parts::start_database(&mut config, &ground).await?;
        let ran = parts::migrate(&config).await;
        parts.stop().await;
        ran?
    };
    writeln!(std::io::stdout(), "The schema is up to date; {ran} migrations ran.")?;
    Ok(())
}

/// Makes the demo firms.
pub(crate) async fn seed() -> anyhow::Result<()> {
    let base = Base::start(Config::load()?).await?;
    let planted = plant(&base).await;
    base.stop().await;
    writeln!(std::io::stdout(), "{}", ready::demo_block(&planted?)?)?;
    Ok(())
}

/// Plants what is missing of the demo firms, unless strangers could sign in to them: their password is public.
async fn plant(base: &Base) -> anyhow::Result<Vec<DemoLogIn>> {
    let (app, config) = (&base.app, &base.config);
    if !config.demo && !is_loopback(&config.public_url) {
        bail!(
            "demo firms have a public password, and PUBLIC_URL {} is not an address of this machine: set DEMO=1 if nothing is sold here",
            config.public_url
        );
    }
    let plays = config.stripe.as_ref().is_some_and(|stripe| stripe.secret_key.expose().starts_with("sk_test_"));
    let deps = SeedDeps {
        db: app.db.clone(),
        authority: app.authority.clone(),
        objects: app.store.clone(),
        gateway: plays.then(|| app.desk.gateway.clone()),
        terms: app.terms.clone(),
    };
    let steps = AtomicUsize::new(0);
    let tell = |step: &str| {
        match steps.fetch_add(1, Ordering::Relaxed) {
            0 => say("Making the demo firms and four months of their trade ..."),
            some if some % 100 == 0 => say(&format!("  {some} steps done")),
            _ => {}
        }
        tracing::debug!(step, "demo firms");
    };
    Ok(seeds::run(deps, tell).await.context("cannot make the demo firms")?.log_ins)
}

/// Prints the OpenAPI document.
pub(crate) fn print_document() -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(openapi::yaml(&openapi::document())?.as_bytes())?)
}

/// Makes a further administrator.
pub(crate) async fn create_administrator(email: &str) -> anyhow::Result<()> {
    let base = Base::start(Config::load()?).await?;
    let made = admin::create(&base.app.db, &base.app.authority, email).await;
    base.stop().await;
    let Some(password) = made? else { bail!("there is an administrator {email} already") };
    writeln!(std::io::stdout(), "Administrator {email}, password {} (shown this once)", password.expose())?;
    Ok(())
}

/// Puts a new signing key in the active one's place.
pub(crate) async fn rotate_signing_key(at_once: bool) -> anyhow::Result<()> {
    let base = Base::start(Config::load()?).await?;
    let actor = Actor::system("signing key rotation");
    let rotated = platform::rotate_signing_key(&base.app.db, &base.app.authority, actor, at_once).await;
    base.stop().await;
    writeln!(std::io::stdout(), "Tokens are signed by {} from now on.", rotated?)?;
    Ok(())
}
