//! The API as a process of its own: it says when it is ready, serves while the object store is away, and SIGTERM ends it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod process;

use process::Process;
use tests::Cluster;

#[test]
fn starts_serves_without_an_object_store_and_ends_in_order() {
    let database = Cluster::get().database();
    let api = Process::start(&database, &[]);
    assert!(api.get("/healthz", "").starts_with("HTTP/1.1 200"));
    let not_ready = api.get("/readyz", "");
    assert!(not_ready.starts_with("HTTP/1.1 503") && not_ready.contains("object_store"), "{not_ready}");
    api.ends_in_order();
}
