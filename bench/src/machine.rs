//! What it runs on.

use crate::place::Place;
use serde::Serialize;
use std::{fs, process::Command};

/// The machine and what was built.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// Processors.
    pub(crate) processors: usize,
    /// Memory.
    pub(crate) memory: String,
    /// The kernel.
    pub(crate) kernel: String,
    /// PostgreSQL's version.
    pub(crate) postgres: String,
    /// The commit, with a plus sign if files were changed since.
    pub(crate) commit: String,
    /// Load over the last minute when the report was made.
    pub(crate) load: String,
}

impl Machine {
    /// Looks.
    pub(crate) fn look(place: &Place) -> anyhow::Result<Self> {
        let first = |path: &str, name: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_once(':').map_or(line, |(_, value)| value).trim().to_owned()
        };
        let changed = if output("git", &["status", "--porcelain"]).is_empty() { "" } else { "+" };
        Ok(Self {
            processor: first("/proc/cpuinfo", "model name"),
            processors: std::thread::available_parallelism()?.get(),
            memory: first("/proc/meminfo", "MemTotal"),
            kernel: first("/proc/sys/kernel/osrelease", ""),
            postgres: place.ask("SELECT current_setting('server_version') AS answer")?,
            commit: output("git", &["rev-parse", "--short=12", "HEAD"]) + changed,
            load: first("/proc/loadavg", "").split(' ').next().unwrap_or_default().to_owned(),
        })
    }
}

/// What a program prints; nothing if it cannot.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
