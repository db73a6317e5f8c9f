//! What holds for every table, operation and file, whoever adds the next one.

mod isolation;
mod migrations;
mod operations;
mod sources;
mod tables;
