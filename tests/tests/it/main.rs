//! The integration suite: one binary, one file for each endpoint or rule.
#![expect(unreachable_pub, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod archives;
mod audit;
mod edge;
mod faults;
mod goods;
mod identity;
mod keeping;
mod metering;
mod outages;
mod pictures;
mod programs;
mod rules;
mod sharing;
mod storage;
mod trade;
mod uploads;
