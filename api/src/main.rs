//! The HTTP API as a process of its own.

use api::{app::App, config::Config, logging, memory, metrics_server, openapi, server};
use clap::{Parser, Subcommand};
use kernel::SystemClock;
use std::{io::Write, process::ExitCode, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};

/// SME Cloud's HTTP API. Settings come from the environment or the file named by `SMECLOUD_CONFIG`.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the OpenAPI document and ends.
    Openapi,
}

fn main() -> ExitCode {
    memory::give_back();
    obey()
}

#[tokio::main]
async fn obey() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Some(Command::Openapi) => print_document(),
        None => serve().await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // PostgreSQL's client library breaks its lines.
            let reason = format!("{error:#}").replace("\n\t", " ");
            // Nothing is left to be done if even this line cannot be written.
            let _ = writeln!(std::io::stderr(), "api cannot start: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn print_document() -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(openapi::yaml(&openapi::document())?.as_bytes())?)
}

async fn serve() -> anyhow::Result<()> {
    let config = Config::load()?;
    config.require_payments()?;
    let _telemetry = logging::init(&config, "smecloud-api")?;
    if let Some(address) = config.metrics_addr {
        metrics_server::start(address, metrics_server::install()?)
            .map_err(|error| anyhow::anyhow!("METRICS_ADDR {address} cannot be listened on: {error}"))?;
    }
    let app = App::new(&config, Arc::new(SystemClock::default())).await?;
    app.follow_keys();
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let shutdown = async move {
        tokio::select! { _ = term.recv() => {}, _ = interrupt.recv() => {} }
    };
    let ready = |address| {
        let _ = writeln!(std::io::stdout(), "api is ready on http://{address}");
    };
    server::serve(&app, &server::Settings::new(&config), ready, shutdown)
        .await
        .map_err(|error| anyhow::anyhow!("LISTEN_ADDR {} cannot be served: {error}", config.listen_addr))
}
