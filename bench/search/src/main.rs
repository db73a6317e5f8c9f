//! Measures how well and how fast the market is searched, on titles and queries that are not part of the project.
//!
//! ```text
//! bench_search FOLDER     with FOLDER/product_titles_zh.txt and FOLDER/product_queries_zh.txt, one text a line
//! ```
//!
//! Known-item search: for each title, two of its own words must find it. Then all queries are run, and some of them again on
//! markets of more listings, which are copies of the titles with a code of their own, over a thousand firms.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "figures for people, not money: shares and milliseconds"
)]

mod data;
mod engine;
mod figures;
mod floor;
mod market;
mod place;
#[cfg(feature = "tantivy")]
mod tantivy_index;

use crate::{data::Data, engine::Engine, market::Market, place::Place};
use anyhow::Context;
use std::{io::Write, path::Path, process::ExitCode};

/// Queries that are run on larger markets.
const SAMPLE: usize = 2_000;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if even this line cannot be written.
            let _ = writeln!(std::io::stderr(), "bench_search: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).context("name the folder of the data: make bench-search DATA=folder")?;
    let data = Data::read(Path::new(&folder))?;
    let sizes = std::env::var("BENCH_SIZES").unwrap_or_else(|_| "100000,1000000".to_owned());
    let sizes: Vec<usize> =
        sizes.split(',').filter(|size| !size.is_empty()).map(str::parse).collect::<Result<_, _>>()?;
    say(&format!("{} titles, {} queries", data.titles.len(), data.queries.len()));
    say("| listings | engine | recall@10 | MRR@10 | queries | errors | found | p50 ms | p99 ms |");
    say("|---:|---|---:|---:|---:|---:|---:|---:|---:|");
    let place = Place::open()?;
    let market = Market::fill(&place, &data).await?;
    floor::fill(&place)?;
    let size = data.titles.len();
    measure(&market, &data, size, &data.queries)?;
    measure(&floor::Floor::open(&place)?, &data, size, &data.queries)?;
    #[cfg(feature = "tantivy")]
    measure(&tantivy_index::Tantivy::fill(&data, size)?, &data, size, &data.queries)?;
    let some = &data.queries[..data.queries.len().min(SAMPLE)];
    for size in sizes {
        market.grow(&place, size)?;
        latency(&market, size, some)?;
        #[cfg(feature = "tantivy")]
        latency(&tantivy_index::Tantivy::fill(&data, size)?, size, some)?;
        if size <= 100_000 {
            floor::fill(&place)?;
            latency(&floor::Floor::open(&place)?, size, some)?;
        }
    }
    Ok(())
}

/// Known items and queries.
fn measure(engine: &impl Engine, data: &Data, size: usize, queries: &[String]) -> anyhow::Result<()> {
    let quality = figures::known_items(engine, data)?;
    let speed = figures::speed(engine, queries)?;
    say(&format!("| {size} | {} | {quality} | {speed} |", engine.name()));
    Ok(())
}

/// Queries alone.
fn latency(engine: &impl Engine, size: usize, queries: &[String]) -> anyhow::Result<()> {
    let speed = figures::speed(engine, queries)?;
    say(&format!("| {size} | {} | | | {speed} |", engine.name()));
    Ok(())
}

/// Tells the terminal, if there still is one: nothing depends on it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
