//! `smecloud storage reconcile`

use crate::{ground::Ground, parts::Parts};
use anyhow::Context;
use api::{app::object_store, config::Config};
use clap::Args;
use db::{Db, DbConfig};
use files::{Reconciliation, SAFE_AGE};
use kernel::{Actor, Clock, SystemClock};
use std::{
    io::{Write, stdout},
    sync::Arc,
};

/// What is done with what differs.
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// Removes objects that no row knows, or whose row says that they are deleted. Without it nothing is changed.
    #[arg(long)]
    apply: bool,
}

/// Starts the embedded database and object store for the time of the comparison, where there are no others.
pub(crate) async fn reconcile(reconcile: Reconcile) -> anyhow::Result<()> {
    let mut config = Config::load()?;
    if config.database_url.is_some() && config.s3.is_some() {
        return compare(&config, reconcile.apply).await;
    }
    let ground = Ground::open(&mut config)?.context("no embedded part")?;
    let parts = Parts::start_storage(&mut config, &ground).await?;
    let compared = compare(&config, reconcile.apply).await;
    parts.stop().await;
    compared
}

async fn compare(config: &Config, apply: bool) -> anyhow::Result<()> {
    let url = config.database_url.as_ref().context("DATABASE_URL is not set")?;
    let clock = SystemClock::default();
    let before = clock.now() - SAFE_AGE;
    let db = Db::new(&DbConfig::new(url.expose().as_str()), Arc::new(clock));
    db.self_check().await?;
    let (store, actor) = (object_store(config)?, Actor::system("storage reconcile"));
    let mut comparison = Reconciliation::new(db.clone(), store.clone(), actor, before);
    let (mut found, mut removed, mut out) = (0_usize, 0_usize, stdout());
    while let Some(findings) = comparison.next().await? {
        for finding in findings {
            found += 1;
            let done = apply && files::remove(&store, &finding).await?;
            let end = if done { ", removed" } else { "" };
            writeln!(out, "{} {} ({} bytes){end}", finding.difference, finding.key, finding.size_bytes)?;
            removed += usize::from(done);
        }
    }
    if removed > 0 {
        platform::note_reconciliation(&db, removed).await?;
    }
    writeln!(out, "{found} differences, {removed} objects removed.")?;
    Ok(())
}
