//! The catalogue on a real database.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "test code")]

mod market;
mod stock;
mod world;
