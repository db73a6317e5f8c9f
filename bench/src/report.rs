//! The report: Markdown for people, JSON for programs.

use crate::{
    capture::Trace,
    machine::Machine,
    measure::Cell,
    measure::Measurements,
    memory::Memory,
    place::Place,
    settings::Settings,
    storage::{self, Row},
};
use serde::Serialize;
use std::{fmt::Write, path::Path};

/// What one request of a scenario asks of PostgreSQL.
#[derive(Debug, Serialize)]
struct Asks {
    scenario: &'static str,
    transactions: usize,
    statements: usize,
    planned: usize,
    round_trips: usize,
    sql: Vec<String>,
}

/// All of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    settings: Settings,
    machine: Machine,
    asks: Vec<Asks>,
    measurements: Measurements,
    storage: Vec<Row>,
    idle: Memory,
    loaded: Memory,
    after_storage: Memory,
}

impl Report {
    /// Gathers it.
    pub(crate) fn new(
        settings: &Settings,
        place: &Place,
        traces: &[Trace],
        (measurements, storage): (Measurements, Vec<Row>),
        [idle, loaded, after_storage]: [Memory; 3],
    ) -> anyhow::Result<Self> {
        let asks = |trace: &Trace| Asks {
            scenario: trace.name,
            transactions: trace.transactions(),
            statements: trace.statements(),
            planned: trace.planned(),
            round_trips: trace.round_trips(),
            sql: trace.messages().iter().map(|message| message.sql.clone()).collect(),
        };
        let asks = traces.iter().map(asks).collect();
        let machine = Machine::look(place)?;
        Ok(Self { settings: settings.clone(), machine, asks, measurements, storage, idle, loaded, after_storage })
    }

    /// Writes `report.md` and `report.json`.
    pub(crate) fn write(&self, dir: &Path) -> anyhow::Result<()> {
        std::fs::write(dir.join("report.md"), self.markdown())?;
        Ok(std::fs::write(dir.join("report.json"), serde_json::to_vec_pretty(self)?)?)
    }

    /// The report for people.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("# Bench\n\n");
        // Writing to a string cannot fail.
        let _ = self.describe(&mut text).and_then(|()| self.tables(&mut text));
        text
    }

    fn describe(&self, text: &mut String) -> std::fmt::Result {
        let Self { machine, settings, .. } = self;
        writeln!(
            text,
            "{}, {} processors, {}, Linux {}; ",
            machine.processor, machine.processors, machine.memory, machine.kernel
        )?;
        writeln!(
            text,
            "PostgreSQL {} over a unix socket, as embedded (fsync on); commit {}; load {}.",
            machine.postgres, machine.commit, machine.load
        )?;
        writeln!(
            text,
            "{} products, {} rounds of {} s each; medians, in brackets the lowest and the highest round.",
            settings.rows, settings.rounds, settings.seconds
        )?;
        writeln!(
            text,
            "Rounds took {} s. Load generator and `pgbench` share the processors with what they measure.\n",
            self.measurements.took
        )?;
        writeln!(
            text,
            "| request | transactions | statements | of them planned anew | round trips |\n|---|--:|--:|--:|--:|"
        )?;
        for asks in &self.asks {
            writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                asks.scenario, asks.transactions, asks.statements, asks.planned, asks.round_trips
            )?;
        }
        Ok(())
    }

    fn tables(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "\n| request | connections | requests/s | p50 ms | p99 ms | floor with policies /s | ratio | floor as superuser /s | ratio |"
        )?;
        writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for cell in &self.measurements.cells {
            rates(text, cell)?;
        }
        writeln!(
            text,
            "\n| request | connections | API ms CPU | PostgreSQL ms CPU | floor with policies ms CPU | floor as superuser ms CPU | load generator ms CPU |"
        )?;
        writeln!(text, "|---|--:|--:|--:|--:|--:|--:|")?;
        for cell in &self.measurements.cells {
            costs(text, cell)?;
        }
        storage::tables(text, &self.storage)?;
        writeln!(text, "\n| resident memory | API | API at its highest | PostgreSQL |\n|---|--:|--:|--:|")?;
        let after = [("idle", self.idle), ("after the rounds", self.loaded), ("after the files", self.after_storage)];
        for (name, memory) in after {
            let [api, peak, postgres] = [memory.api, memory.api_peak, memory.postgres].map(|kb| kb / 1024);
            writeln!(text, "| {name} | {api} MB | {peak} MB | {postgres} MB |")?;
        }
        Ok(())
    }
}

fn rates(text: &mut String, cell: &Cell) -> std::fmt::Result {
    let api = Spread::of(cell.api.iter().map(|s| s.rate));
    let [p50, p99] = [Spread::of(cell.api.iter().map(|s| s.p50)), Spread::of(cell.api.iter().map(|s| s.p99))];
    let floors = [&cell.with_policies, &cell.without].map(|floor| Spread::of(floor.iter().map(|s| s.rate)));
    write!(text, "| {} | {} | {:.0} ({:.0}-{:.0}) ", cell.scenario, cell.connections, api.median, api.least, api.most)?;
    write!(text, "| {:.2} | {:.2} ", p50.median, p99.median)?;
    for floor in floors {
        write!(
            text,
            "| {:.0} ({:.0}-{:.0}) | {:.2} ",
            floor.median,
            floor.least,
            floor.most,
            api.median / floor.median
        )?;
    }
    writeln!(text, "|")
}

fn costs(text: &mut String, cell: &Cell) -> std::fmt::Result {
    let api = [
        Spread::of(cell.api.iter().map(|s| s.api_cpu)),
        Spread::of(cell.api.iter().map(|s| s.postgres_cpu)),
        Spread::of(cell.with_policies.iter().map(|s| s.postgres_cpu)),
        Spread::of(cell.without.iter().map(|s| s.postgres_cpu)),
        Spread::of(cell.api.iter().map(|s| s.load_cpu)),
    ];
    write!(text, "| {} | {} ", cell.scenario, cell.connections)?;
    for spread in api {
        write!(text, "| {:.3} ", spread.median)?;
    }
    writeln!(text, "|")
}

/// Median, lowest and highest.
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(samples: impl Iterator<Item = f64>) -> Self {
        let mut samples: Vec<f64> = samples.collect();
        samples.sort_by(f64::total_cmp);
        let at = |index: usize| samples.get(index).copied().unwrap_or(f64::NAN);
        Self { median: at(samples.len() / 2), least: at(0), most: at(samples.len().saturating_sub(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let spread = Spread::of([3.0, 1.0, 2.0].into_iter());
        assert!(
            (spread.median - 2.0).abs() < 1e-9 && (spread.least - 1.0).abs() < 1e-9 && (spread.most - 3.0).abs() < 1e-9
        );
    }
}
