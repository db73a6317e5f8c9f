//! The storage's part of the report.

use super::{Row, Speed, Way};
use std::fmt::{Result, Write};

/// A table of writing, and one of reading.
pub(crate) fn tables(text: &mut String, rows: &[Row]) -> Result {
    for (name, of) in [("write", (|row| row.put) as fn(&Row) -> Speed), ("read", |row| row.get)] {
        writeln!(
            text,
            "\n| {name} | way | connections | files/s | MB/s | p50 ms | p99 ms | ratio to the bare store |"
        )?;
        writeln!(text, "|---|---|--:|--:|--:|--:|--:|--:|")?;
        for row in rows {
            let speed = of(row);
            write!(text, "| {} | {} | {} ", row.size, row.way.name(), row.connections)?;
            write!(text, "| {:.1} | {:.1} ", speed.rate, speed.rate * row.bytes as f64 / 1e6)?;
            write!(text, "| {:.2} | {:.2} ", speed.p50, speed.p99)?;
            writeln!(text, "| {:.2} |", speed.rate / of(floor(rows, row)).rate)?;
        }
    }
    Ok(())
}

/// The bare store's row beside this one.
fn floor<'a>(rows: &'a [Row], row: &'a Row) -> &'a Row {
    let same = |other: &&Row| other.way == Way::Bare && (other.size, other.connections) == (row.size, row.connections);
    rows.iter().find(same).unwrap_or(row)
}

impl Way {
    const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare store",
            Self::Api => "through the API",
            Self::Signed => "signed address",
        }
    }
}
