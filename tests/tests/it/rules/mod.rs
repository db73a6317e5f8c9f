//! What holds for every table, operation and file, whoever adds the next one.

mod authorisation;
mod canaries;
mod crawl;
mod foreign_ids;
mod invariants;
mod isolation;
mod migrations;
mod operations;
mod requests;
mod sources;
mod tables;
mod tags;
