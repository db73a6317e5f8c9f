//! What is measured, and for how long: from the environment.

use anyhow::Context;
use serde::Serialize;
use std::{path::PathBuf, str::FromStr, time::Duration};

/// Settings of one run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Settings {
    /// `BENCH_ROWS`: products, over all firms.
    pub(crate) rows: u64,
    /// `BENCH_SECONDS`: length of one measurement.
    pub(crate) seconds: u64,
    /// `BENCH_ROUNDS`: how often everything is measured.
    pub(crate) rounds: usize,
    /// `BENCH_CONNECTIONS`: connections at once.
    pub(crate) connections: Vec<usize>,
    /// `BENCH_ONLY`: names of scenarios, `storage`; empty: all.
    pub(crate) only: Vec<String>,
    /// `BENCH_API`: the program; by default the one next to this.
    pub(crate) api: PathBuf,
    /// `BENCH_DIR`: where reports go; by default the folder `bench` next to that of this program.
    pub(crate) dir: PathBuf,
}

impl Settings {
    /// Reads them.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let me = std::env::current_exe()?;
        let programs = me.parent().context("this program lies in no folder")?;
        let dir = programs.parent().context("this program's folder lies in no other")?.join("bench");
        Ok(Self {
            rows: number("BENCH_ROWS", 1000)?,
            seconds: number("BENCH_SECONDS", 1)?,
            rounds: number("BENCH_ROUNDS", 3)?,
            connections: list("BENCH_CONNECTIONS", "1,8,32")?,
            only: list("BENCH_ONLY", "")?,
            api: std::env::var_os("BENCH_API").map_or_else(|| programs.join("api"), PathBuf::from),
            dir: std::env::var_os("BENCH_DIR").map_or(dir, PathBuf::from),
        })
    }

    /// Whether something is to be measured.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }

    /// Length of one measurement.
    pub(crate) const fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn number<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(name: &str, default: T) -> anyhow::Result<T> {
    std::env::var(name).map_or(Ok(default), |text| text.parse().with_context(|| format!("{name} is not a number")))
}

fn list<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    name: &str,
    default: &str,
) -> anyhow::Result<Vec<T>> {
    let text = std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().with_context(|| format!("{name} holds {part}"))).collect()
}
