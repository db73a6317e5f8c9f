//! Memory of the API and of PostgreSQL.

use crate::{
    cpu,
    place::{Api, Place},
};
use anyhow::Context;
use serde::Serialize;
use std::fs;

/// Resident kilobytes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Memory {
    /// Of the API.
    pub(crate) api: u64,
    /// Of the API at its highest so far.
    pub(crate) api_peak: u64,
    /// Of all of PostgreSQL's processes; what they share is counted once.
    pub(crate) postgres: u64,
}

/// What is resident now.
pub(crate) fn now(api: &Api, place: &Place) -> anyhow::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{}/status", api.pid()))?;
    let mut postgres = share(place.postmaster())?;
    for child in cpu::children(place.postmaster())? {
        // One may end just now.
        postgres += share(child).unwrap_or_default();
    }
    Ok(Memory { api: kilobytes(&status, "VmRSS:")?, api_peak: kilobytes(&status, "VmHWM:")?, postgres })
}

/// A process's memory with its share of what several use.
fn share(pid: u32) -> anyhow::Result<u64> {
    kilobytes(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?, "Pss:")
}

fn kilobytes(text: &str, name: &str) -> anyhow::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
