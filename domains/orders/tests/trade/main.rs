//! Trade between two firms on a real PostgreSQL and the payment simulator, through the unprivileged login role.
#![expect(clippy::unwrap_used, reason = "test code")]

mod crashes;
mod refunds;
mod refusals;
mod story;
mod timers;
mod world;
