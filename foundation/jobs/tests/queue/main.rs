//! The job queue and the event log on a real PostgreSQL, through the unprivileged login role.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

mod dedupe;
mod events;
mod failures;
mod leases;
mod place;
mod schedules;
mod working;
