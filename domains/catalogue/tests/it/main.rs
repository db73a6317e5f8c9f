//! The catalogue on a real database.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "test code")]

mod market;
mod search;
mod stock;
mod world;
