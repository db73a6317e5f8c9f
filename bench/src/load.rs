//! A closed loop of requests: each connection sends the next one when it has read the answer to the last.

use crate::{
    connection::Connection,
    scenarios::Scenario,
    world::{Turn, World},
};
use anyhow::Context;
use hdrhistogram::Histogram;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Latencies are kept to the microsecond up to a minute, with three digits.
const LONGEST: u64 = 60_000_000;
/// Requests of the first connections' numbers, so that no run repeats another's picks.
const STRIDE: usize = 1_000_003;

/// What a run gave.
pub(crate) struct Load {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// Latencies in microseconds.
    pub(crate) latencies: Histogram<u64>,
}

/// Where and how long.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// The API.
    pub(crate) address: SocketAddr,
    /// Connections at once.
    pub(crate) connections: usize,
    /// No request begins later than this.
    pub(crate) time: Duration,
    /// Number of the run.
    pub(crate) number: usize,
}

/// Runs a scenario; any other answer than success fails it.
pub(crate) async fn run(run: Run, scenario: &dyn Scenario, world: &World) -> anyhow::Result<Load> {
    let mut connections = Vec::new();
    for _ in 0..run.connections {
        connections.push(Connection::open(run.address).await?);
    }
    let (start, mut latencies) = (Instant::now(), Histogram::new_with_max(LONGEST, 3)?);
    let loops = connections.into_iter().enumerate().map(|(connection, http)| async move {
        let turn = Turn { connection, number: run.number.wrapping_mul(STRIDE) };
        repeat(http, (scenario, world), turn, start + run.time).await
    });
    for result in futures_util::future::join_all(loops).await {
        latencies.add(result.with_context(|| scenario.name())?)?;
    }
    Ok(Load { elapsed: start.elapsed(), latencies })
}

async fn repeat(
    mut http: Connection,
    (scenario, world): (&dyn Scenario, &World),
    mut turn: Turn,
    end: Instant,
) -> anyhow::Result<Histogram<u64>> {
    let mut latencies = Histogram::new_with_max(LONGEST, 3)?;
    while Instant::now() < end {
        let request = scenario.request(world, turn)?;
        let sent = Instant::now();
        http.expect(request, scenario.status()).await?;
        latencies.saturating_record(u64::try_from(sent.elapsed().as_micros())?);
        turn.number += 1;
    }
    Ok(latencies)
}
