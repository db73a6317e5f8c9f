//! Measures the API next to the floor that PostgreSQL sets for the very statements the API sends.
//!
//! One run: an embedded PostgreSQL and the release build of `api` on a temporary directory; firms and products; each
//! scenario's statements taken from PostgreSQL's log ([`capture`]) and turned into `pgbench` scripts ([`script`]); then
//! rounds in which every scenario is measured at every number of connections, API and floors by turns ([`measure`]).
//!
//! A new scenario is one file in [`scenarios`] and a line in its list.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "figures for people, not money: rates, shares and milliseconds"
)]

mod capture;
mod connection;
mod cpu;
mod data;
mod floor;
mod load;
mod machine;
mod measure;
mod memory;
mod place;
mod plans;
mod report;
mod scenarios;
mod script;
mod settings;
mod storage;
mod store;
mod world;

use crate::{measure::Measurements, place::Place, report::Report, settings::Settings, store::Store};
use std::{io::Write, process::ExitCode};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if even this line cannot be written.
            let _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let settings = Settings::read()?;
    std::fs::create_dir_all(&settings.dir)?;
    let scenarios = scenarios::chosen(&settings)?;
    say("Starting PostgreSQL and the API ...");
    let mut place = Place::open(&settings)?;
    place.log_statements(true)?;
    let store = Store::open(&place.folder().join("objects")).await?;
    let api = place.start_api(&settings.api, &store)?;
    say("Making firms and products ...");
    let mut world = data::make(&place, api.address(), settings.rows).await?;
    say("Taking down the statements of each scenario ...");
    let mut traces = Vec::new();
    for scenario in &scenarios {
        traces.push(capture::trace(&place, api.address(), *scenario, &world).await?);
    }
    drop(api);
    place.log_statements(false)?;
    place.copy_for_the_floor()?;
    plans::write(&place, &traces, &settings.dir)?;
    let scripts = script::write_all(&mut place, &traces)?;
    let api = place.start_api(&settings.api, &store)?;
    world.sign_in(api.address()).await?;
    let idle = memory::now(&api, &place)?;
    let measurements = Measurements::take(&settings, (&place, &api), &mut world, &scenarios, &scripts).await?;
    let loaded = memory::now(&api, &place)?;
    let files = if settings.has(storage::NAME) {
        storage::measure(&settings, &api, &store, &mut world).await?
    } else {
        Vec::new()
    };
    let memory = [idle, loaded, memory::now(&api, &place)?];
    let report = Report::new(&settings, &place, &traces, (measurements, files), memory)?;
    report.write(&settings.dir)?;
    say(&report.markdown());
    Ok(())
}

/// Tells the terminal, if there still is one: nothing depends on it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
