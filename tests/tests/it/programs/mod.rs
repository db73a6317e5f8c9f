//! Keys of programs, over HTTP.

mod addresses;
mod keys;
mod life;
mod limits;
mod rotation;
mod scopes;
mod secrets;

use tests::{Client, TestApp};

/// Whether a program's key with `catalogue:read` opens anything.
async fn opens(client: &Client) -> bool {
    let answer = client.get("/v1/products").send().await;
    assert!(matches!(answer.status, 200 | 401), "{}", answer.text());
    answer.status == 200
}

/// Lets the session of whoever signed in at the start grow old, but not end.
fn grow_stale(app: &TestApp) {
    app.clock.advance(chrono::Duration::minutes(6));
}
