//! Runs `pgbench`: what PostgreSQL alone gives for the same statements.

use anyhow::{Context, ensure};
use std::{path::Path, process::Command};

/// What a run gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floor {
    /// Transactions of the script.
    pub(crate) transactions: u64,
    /// Of them, in a second.
    pub(crate) rate: f64,
}

/// Runs a script with as many clients as there are connections to the API.
pub(crate) fn run(pgbench: &Path, url: &str, script: &Path, clients: usize, seconds: u64) -> anyhow::Result<Floor> {
    let mut command = Command::new(pgbench);
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=1"]);
    command.arg(format!("--client={clients}")).arg(format!("--time={seconds}"));
    command.arg(format!("--file={}", script.display())).arg(url);
    let output = command.output().with_context(|| format!("cannot run {}", pgbench.display()))?;
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "pgbench {}: {errors}", script.display());
    let number = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).and_then(|rest| rest.split(' ').next());
    let transactions = number("number of transactions actually processed: ").context("pgbench counts nothing")?;
    let rate = number("tps = ").context("pgbench tells no rate")?;
    Ok(Floor { transactions: transactions.split('/').next().unwrap_or_default().parse()?, rate: rate.parse()? })
}
