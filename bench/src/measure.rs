//! The rounds.

use crate::{
    cpu, floor,
    load::{self, Run},
    place::{Api, Place},
    say,
    scenarios::Scenario,
    script::Scripts,
    settings::Settings,
    world::World,
};
use anyhow::Context;
use serde::Serialize;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Before each measurement of the API.
const WARM_UP: Duration = Duration::from_millis(200);

/// The API once. Times are in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ApiSample {
    /// Requests in a second.
    pub(crate) rate: f64,
    /// Half of the requests took no longer.
    pub(crate) p50: f64,
    /// All but one in a hundred took no longer.
    pub(crate) p99: f64,
    /// The API's processor time for a request.
    pub(crate) api_cpu: f64,
    /// PostgreSQL's processor time for a request.
    pub(crate) postgres_cpu: f64,
    /// The load generator's processor time for a request.
    pub(crate) load_cpu: f64,
}

/// A floor once.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct FloorSample {
    /// Transactions in a second.
    pub(crate) rate: f64,
    /// PostgreSQL's processor time in milliseconds for one.
    pub(crate) postgres_cpu: f64,
}

/// One scenario at one number of connections; a sample for each round.
#[derive(Debug, Serialize)]
pub(crate) struct Cell {
    /// The scenario.
    pub(crate) scenario: &'static str,
    /// Connections.
    pub(crate) connections: usize,
    /// The API.
    pub(crate) api: Vec<ApiSample>,
    /// The floor with row-level security.
    pub(crate) with_policies: Vec<FloorSample>,
    /// The floor past row-level security.
    pub(crate) without: Vec<FloorSample>,
}

/// All that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Measurements {
    /// By scenario, then by connections.
    pub(crate) cells: Vec<Cell>,
    /// Seconds that all rounds took.
    pub(crate) took: u64,
}

impl Measurements {
    /// Measures everything by turns, so that a disturbance hits no single cell.
    pub(crate) async fn take(
        settings: &Settings,
        (place, api): (&Place, &Api),
        world: &mut World,
        scenarios: &[&'static dyn Scenario],
        scripts: &[Scripts],
    ) -> anyhow::Result<Self> {
        let (start, pgbench) = (Instant::now(), place.pgbench()?);
        let cell = |scenario: &'static dyn Scenario, connections| Cell {
            scenario: scenario.name(),
            connections,
            api: Vec::new(),
            with_policies: Vec::new(),
            without: Vec::new(),
        };
        let all = scenarios.iter().flat_map(|s| settings.connections.iter().map(|connections| cell(*s, *connections)));
        let mut cells: Vec<Cell> = all.collect();
        for round in 1..=settings.rounds {
            say(&format!("Round {round} of {} ...", settings.rounds));
            world.sign_in(api.address()).await?;
            for (number, cell) in cells.iter_mut().enumerate() {
                let at = number / settings.connections.len();
                let run = Run {
                    address: api.address(),
                    connections: cell.connections,
                    time: settings.time(),
                    number: round * 1000 + number,
                };
                cell.api.push(sample((place, api), run, scenarios[at], world).await?);
                let bench = |script: &Path, with_policies| {
                    let (clients, seconds) = (cell.connections, settings.seconds);
                    sample_floor(place, floor::Run { pgbench: &pgbench, script, with_policies, clients, seconds })
                };
                cell.with_policies.push(bench(&scripts[at].with_policies, true)?);
                cell.without.push(bench(&scripts[at].without, false)?);
            }
        }
        Ok(Self { cells, took: start.elapsed().as_secs() })
    }
}

async fn sample(
    (place, api): (&Place, &Api),
    run: Run,
    scenario: &dyn Scenario,
    world: &World,
) -> anyhow::Result<ApiSample> {
    let warm_up = Run { time: WARM_UP, number: run.number + 500, ..run };
    load::run(warm_up, scenario, world).await?;
    let used = || anyhow::Ok([cpu::of(api.pid())?, cpu::of_tree(place.postmaster())?, cpu::own()?]);
    let before = used()?;
    let load = load::run(run, scenario, world).await?;
    let after = used()?;
    let requests = load.latencies.len() as f64;
    let [api_cpu, postgres_cpu, load_cpu] =
        [0, 1, 2].map(|part| (after[part].saturating_sub(before[part])).as_secs_f64() * 1000.0 / requests);
    let quantile = |share| load.latencies.value_at_quantile(share) as f64 / 1000.0;
    let rate = requests / load.elapsed.as_secs_f64();
    Ok(ApiSample { rate, p50: quantile(0.5), p99: quantile(0.99), api_cpu, postgres_cpu, load_cpu })
}

fn sample_floor(place: &Place, run: floor::Run<'_>) -> anyhow::Result<FloorSample> {
    let floor = floor::run(place, run)?;
    let transactions = Some(floor.transactions).filter(|count| *count > 0.0).context("the floor did nothing")?;
    Ok(FloorSample { rate: floor.rate, postgres_cpu: floor.used.as_secs_f64() * 1000.0 / transactions })
}
