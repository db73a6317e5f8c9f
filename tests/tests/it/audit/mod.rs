//! The audit log: who did or tried what, found, exported, and proved.

mod chain;
mod export;
mod proof;
mod search;
mod security_events;

use serde_json::Value;
use tests::Client;

/// The rows of a page, newest first.
async fn rows(client: &Client, filters: &str) -> Vec<Value> {
    let page = client.get(format!("/v1/audit-log?limit=100&{filters}")).ok().await;
    page["data"].as_array().unwrap().clone()
}

/// The actions of rows.
fn actions(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["action"].as_str().unwrap()).collect()
}
