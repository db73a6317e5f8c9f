//! What the integration suite stands on: a real PostgreSQL, S3 server, payment simulator and mail catcher for every test.
#![expect(clippy::expect_used, clippy::panic, reason = "a support library of tests: what fails here fails the test")]

mod app;
mod audited;
mod bytes;
mod client;
mod contract;
mod fault_proxy;
mod firm;
mod heavy;
mod logs;
mod node;
mod objects;
mod people;
mod program_process;
mod programs;
mod reconciled;
mod statements;
mod virus_scanner;

pub use app::TestApp;
pub use audited::unaudited;
pub use bytes::{sha256, tus_metadata};
pub use client::{Answer, Client, Request};
pub use contract::Contract;
pub use fault_proxy::{Cut, FaultProxy};
pub use firm::{Firm, PASSWORD, address, product};
pub use heavy::Heavy;
pub use logs::logged_during;
pub use objects::store as objects;
pub use program_process::ProgramProcess;
pub use programs::Program;
pub use statements::watch_statements;
pub use test_cluster::{Cluster, Line, TestDatabase, noise};
pub use virus_scanner::{VirusScanner, eicar};
