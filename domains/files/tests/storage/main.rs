//! Data storage on a real PostgreSQL and a real S3 server.
#![expect(clippy::unwrap_used, reason = "test code outside of test functions")]

mod days;
mod keeping;
mod listing;
mod lost_work;
mod moments;
mod outage;
mod place;
mod quota;
mod reconcile;
mod stale_uploads;
mod thumbnails;
mod uploads;
mod work;
