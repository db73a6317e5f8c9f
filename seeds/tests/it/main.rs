//! The demo firms on a real database, object store and payment simulator.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "test code")]

mod interrupted;
mod twice;
mod world;
