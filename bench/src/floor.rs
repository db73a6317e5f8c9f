//! Runs `pgbench`: what PostgreSQL alone gives for the same statements.

use crate::{cpu, place::Place};
use anyhow::{Context, bail};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// What a run gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floor {
    /// Transactions of the script in a second.
    pub(crate) rate: f64,
    /// PostgreSQL's processor time for all of them.
    pub(crate) used: Duration,
    /// How many there were.
    pub(crate) transactions: f64,
}

/// How to run.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    /// The program.
    pub(crate) pgbench: &'a Path,
    /// The script.
    pub(crate) script: &'a Path,
    /// Under row-level security, or past it.
    pub(crate) with_policies: bool,
    /// As many as there are connections to the API.
    pub(crate) clients: usize,
    /// Length of the measurement, after a first second in which plans are made.
    pub(crate) seconds: u64,
}

/// Runs a script.
pub(crate) fn run(place: &Place, run: Run<'_>) -> anyhow::Result<Floor> {
    let mut command = Command::new(run.pgbench);
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--progress=1"]);
    // More than is looked at: what comes after the last second in question is cut off.
    command.arg(format!("--client={}", run.clients)).arg(format!("--time={}", run.seconds + 5));
    command.arg(format!("--file={}", run.script.display())).arg(place.floor_url(run.with_policies));
    let spawned = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.with_context(|| format!("cannot run {}", run.pgbench.display()))?;
    let watched = child.stderr.take().context("pgbench has no output").and_then(|output| watch(place, run, output));
    let _ = child.kill();
    child.wait()?;
    watched.with_context(|| format!("pgbench {}", run.script.display()))
}

fn watch(place: &Place, run: Run<'_>, output: impl std::io::Read) -> anyhow::Result<Floor> {
    let (mut before, mut rates) = (None, Vec::new());
    for line in BufReader::new(output).lines() {
        let line = line?;
        if line.contains("error") || line.contains("aborted") {
            bail!("{line}");
        }
        let Some(told) = line.strip_prefix("progress: ") else { continue };
        let rate = told.split(", ").nth(1).and_then(|part| part.strip_suffix(" tps")).context("no rate")?;
        match before {
            None => before = Some(cpu::of_tree(place.postmaster())?),
            Some(before) => {
                rates.push(rate.parse::<f64>()?);
                if rates.len() as u64 == run.seconds {
                    let used = cpu::of_tree(place.postmaster())?.saturating_sub(before);
                    let transactions: f64 = rates.iter().sum();
                    return Ok(Floor { rate: transactions / rates.len() as f64, used, transactions });
                }
            }
        }
    }
    bail!("it ended too early")
}
