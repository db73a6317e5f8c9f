//! Files of three sizes written and read through the API, by signed addresses, and past the platform in the bare object
//! store, by turns: the last is the floor.

mod client;
mod report;

use crate::{place::Api, say, settings::Settings, store::Store, world::World};
use anyhow::Context;
use bytes::Bytes;
use client::Client;
use hdrhistogram::Histogram;
pub(crate) use report::tables;
use serde::Serialize;
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// The word for these rows in `BENCH_ONLY`.
pub(crate) const NAME: &str = "storage";
/// Bytes of a file, its name, and files in each measurement.
const SIZES: [(usize, &str, usize); 3] = [(4 << 10, "4 KiB", 400), (1 << 20, "1 MiB", 64), (64 << 20, "64 MiB", 8)];
/// Connections at once.
const CONNECTIONS: [usize; 2] = [1, 4];
/// Latencies are kept to the microsecond up to ten minutes, with three digits.
const LONGEST: u64 = 600_000_000;

/// How bytes go in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Way {
    /// One signed request to the object store: the floor.
    Bare,
    /// One request to the API, which passes the bytes on.
    Api,
    /// The API signs addresses, the bytes go to the object store, the API looks at what has arrived.
    Signed,
}

/// The floor first.
const WAYS: [Way; 3] = [Way::Bare, Way::Api, Way::Signed];

/// One direction. Times are in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Speed {
    /// Files in a second.
    pub(crate) rate: f64,
    /// Half of the files took no longer.
    pub(crate) p50: f64,
    /// All but one in a hundred took no longer.
    pub(crate) p99: f64,
}

/// One size, way and number of connections.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) size: &'static str,
    pub(crate) bytes: usize,
    pub(crate) way: Way,
    pub(crate) connections: usize,
    pub(crate) put: Speed,
    pub(crate) get: Speed,
}

/// Measures all of it.
pub(crate) async fn measure(
    settings: &Settings,
    api: &Api,
    store: &Store,
    world: &mut World,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    client::make_bucket(api, world).await?;
    for (bytes, size, files) in SIZES {
        say(&format!("Files of {size} ..."));
        world.sign_in(api.address()).await?;
        for connections in CONNECTIONS {
            for way in WAYS {
                let mut clients = Vec::new();
                for number in 0..connections {
                    clients.push(Client::open((api, store), world, (way, number)).await?);
                }
                let count = files * settings.rounds / connections;
                let name = format!("{}-{connections}", size.replace(' ', ""));
                let put = speed(clients.iter_mut().map(|client| client.put_all((&name, bytes), count))).await;
                let get = speed(clients.iter_mut().map(Client::get_all)).await;
                let what = || format!("{size}, {way:?}, {connections} connections");
                let (put, get) = (put.with_context(what)?, get.with_context(what)?);
                rows.push(Row { size, bytes, way, connections, put, get });
            }
        }
    }
    Ok(rows)
}

/// Everybody at once; each tells how long each file took.
async fn speed<W>(work: impl Iterator<Item = W>) -> anyhow::Result<Speed>
where
    W: Future<Output = anyhow::Result<Vec<Duration>>>,
{
    let mut latencies = Histogram::<u64>::new_with_max(LONGEST, 3)?;
    let mut longest = Duration::ZERO;
    for times in futures_util::future::join_all(work).await {
        let times = times?;
        longest = longest.max(times.iter().sum());
        for time in times {
            latencies.saturating_record(u64::try_from(time.as_micros())?);
        }
    }
    let quantile = |share| latencies.value_at_quantile(share) as f64 / 1000.0;
    Ok(Speed { rate: latencies.len() as f64 / longest.as_secs_f64(), p50: quantile(0.5), p99: quantile(0.99) })
}

/// Bytes that no other file has: equal files would be stored once.
fn unlike(bytes: usize, base: &[u8], mark: u128) -> Bytes {
    let mut body = base.get(..bytes).unwrap_or(base).to_vec();
    for (place, byte) in body.iter_mut().zip(mark.to_be_bytes()) {
        *place = byte;
    }
    body.into()
}

/// When something took place.
async fn timed<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(T, Duration)> {
    let start = Instant::now();
    let done = work.await?;
    Ok((done, start.elapsed()))
}
