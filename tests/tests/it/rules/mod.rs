//! What holds for every table, operation and file, whoever adds the next one.

mod audit;
mod authorisation;
mod authorisation_table;
mod canaries;
mod containers;
mod crawl;
mod foreign_ids;
mod invariants;
mod isolation;
mod matrix;
mod migrations;
mod operations;
mod planted_faults;
pub mod requests;
mod round_trips;
mod schema_checks;
mod shared_names;
mod sources;
mod tables;
mod tags;
