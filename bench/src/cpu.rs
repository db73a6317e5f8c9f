//! Processor time of processes, from `/proc`.

use anyhow::Context;
use std::{fs, time::Duration};

/// Length of the clock ticks in which the kernel tells times to programs: 10 ms on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// Times of one process.
struct Times {
    parent: u32,
    own: u64,
    ended_children: u64,
}

impl Times {
    fn of(pid: &str) -> anyhow::Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The program's name stands in brackets and may hold anything.
        let (_, fields) = text.rsplit_once(") ").context("no process")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let field =
            |number: usize| fields.get(number - 3).and_then(|text| text.parse::<u64>().ok()).context("no field");
        let parent = u32::try_from(field(4)?)?;
        Ok(Self { parent, own: field(14)? + field(15)?, ended_children: field(16)? + field(17)? })
    }
}

fn time(ticks: u64) -> Duration {
    TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
}

/// Of one process.
pub(crate) fn of(pid: u32) -> anyhow::Result<Duration> {
    Ok(time(Times::of(&pid.to_string())?.own))
}

/// Of this process: the generator of load.
pub(crate) fn own() -> anyhow::Result<Duration> {
    Ok(time(Times::of("self")?.own))
}

/// Of a process and its children, with those that have ended.
pub(crate) fn of_tree(root: u32) -> anyhow::Result<Duration> {
    let parent = Times::of(&root.to_string())?;
    let children: u64 = children(root)?.iter().filter_map(|pid| Times::of(&pid.to_string()).ok()).map(|t| t.own).sum();
    Ok(time(parent.own + parent.ended_children + children))
}

/// A process's children.
pub(crate) fn children(parent: u32) -> anyhow::Result<Vec<u32>> {
    let names = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let processes = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let of_parent = processes.filter(|name| Times::of(name).is_ok_and(|times| times.parent == parent));
    Ok(of_parent.filter_map(|name| name.parse().ok()).collect())
}
