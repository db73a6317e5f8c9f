//! The HTTP edge: one file an endpoint, no SQL, no business rule.
//!
//! A request passes [`edge`], then the handler's extractors ([`extract`]), then one use case in one transaction ([`answer`]).
//! Every refusal is a [`problem`].

#![expect(unused_qualifications, reason = "utoipa's path macro writes them")]
#![expect(clippy::trivially_copy_pass_by_ref, reason = "garde's custom rules take a reference to their context")]

pub mod admin;
pub mod answer;
pub mod api_keys;
pub mod app;
pub mod audit_log;
pub mod auth;
pub mod billing;
pub mod catalogue;
pub mod config;
pub mod edge;
pub mod events;
pub mod extract;
pub mod files;
pub mod imports;
pub mod ledger;
pub mod logging;
pub mod market;
pub mod me;
pub mod memory;
pub mod metrics_server;
pub mod notifications;
pub mod openapi;
pub mod orders;
pub mod payments;
pub mod problem;
pub mod process;
pub mod routes;
pub mod server;
pub mod shares;
pub mod tenants;
pub mod tus;
