//! The API as a process of its own that stores files: how much memory it needs, and what is left when it dies.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, in its tools too")]

mod kills;
mod memory;

use serde_json::json;
use tests::{Firm, ProgramProcess, TestApp};

/// The platform with a firm that has the bucket `docs`, on the machine's clock.
async fn stage() -> (TestApp, Firm) {
    let app = TestApp::start().await;
    app.follow_the_machine();
    let firm = app.firm("tea").await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    (app, firm)
}

fn start(app: &TestApp) -> ProgramProcess {
    app.program_process(env!("CARGO_BIN_EXE_api"))
}
