//! Recall, reciprocal rank, latency.

use crate::{data::Data, engine::Engine};
use hdrhistogram::Histogram;
use std::time::Instant;

/// Share of known items among the first ten, and the mean of one divided by their place.
pub(crate) fn known_items(engine: &impl Engine, data: &Data) -> anyhow::Result<String> {
    let (mut found, mut reciprocal) = (0_u32, 0.0);
    for (text, item) in &data.known {
        if let Some(place) = engine.find(text)?.iter().take(10).position(|at| at == item) {
            found += 1;
            reciprocal += 1.0 / (place + 1) as f64;
        } else if std::env::var_os("BENCH_MISSED").is_some() {
            crate::say(&format!("missed: {text} of {}", data.titles[*item]));
        }
    }
    let asked = data.known.len() as f64;
    Ok(format!("{:.4} | {:.4}", f64::from(found) / asked, reciprocal / asked))
}

/// Runs queries one after the other.
pub(crate) fn speed(engine: &impl Engine, queries: &[String]) -> anyhow::Result<String> {
    for query in queries.iter().rev().take(200) {
        let _ = engine.find(query);
    }
    let (mut times, mut errors, mut found) = (Histogram::<u64>::new(3)?, 0, 0);
    for query in queries {
        let started = Instant::now();
        match engine.find(query) {
            Ok(hits) => found += usize::from(!hits.is_empty()),
            Err(_) => errors += 1,
        }
        times.record(u64::try_from(started.elapsed().as_micros())?)?;
    }
    let at = |quantile| times.value_at_quantile(quantile) as f64 / 1_000.0;
    let share = found as f64 / queries.len().max(1) as f64;
    Ok(format!("{} | {errors} | {share:.3} | {:.2} | {:.2}", queries.len(), at(0.5), at(0.99)))
}
