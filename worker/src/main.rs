//! The background worker as a process of its own.

use anyhow::Context;
use api::{config::Config, logging, memory, metrics_server};
use clap::Parser;
use db::{Db, DbConfig};
use jobs::WorkerConfig;
use kernel::SystemClock;
use std::{io::Write, process::ExitCode, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};
use worker::WorkerDeps;

/// SME Cloud's background worker. Settings come from the environment or the file named by `SMECLOUD_CONFIG`.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {}

fn main() -> ExitCode {
    memory::give_back();
    obey()
}

#[tokio::main]
async fn obey() -> ExitCode {
    let Arguments {} = Arguments::parse();
    match work().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // PostgreSQL's client library breaks its lines.
            let reason = format!("{error:#}").replace("\n\t", " ");
            // Nothing is left to be done if even this line cannot be written.
            let _ = writeln!(std::io::stderr(), "worker: {reason}");
            ExitCode::FAILURE
        }
    }
}

async fn work() -> anyhow::Result<()> {
    let config = Config::load()?;
    config.require_payments()?;
    let _telemetry = logging::init(&config, "smecloud-worker")?;
    let counted = metrics_server::install()?;
    if let Some(address) = config.metrics_addr {
        metrics_server::start(address, counted)
            .with_context(|| format!("METRICS_ADDR {address} cannot be listened on"))?;
    }
    let url = config.database_url.clone().context("DATABASE_URL is not set")?;
    let database = DbConfig {
        pool_size: config.database_pool_size,
        answer: worker::JOB_ANSWER,
        ..DbConfig::new(url.expose().as_str())
    };
    let db = Db::new(&database, Arc::new(SystemClock::default()));
    db.self_check().await?;

    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let shutdown = async move {
        tokio::select! { _ = term.recv() => {}, _ = interrupt.recv() => {} }
    };
    writeln!(std::io::stdout(), "worker is ready")?;
    let worker = WorkerConfig { listen: Some(url), ..WorkerConfig::default() };
    match worker::run(WorkerDeps::new(&config, db)?, worker, shutdown).await {
        0 => Ok(()),
        left => anyhow::bail!("{left} jobs did not finish in time; they run again once their leases end"),
    }
}
