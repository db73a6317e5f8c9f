use chrono::Duration;
use serde_json::json;
use tests::{Firm, TestApp};

/// Requests that change nothing, each with a key of its own.
async fn keyed_requests(firm: &Firm, name: &str, count: usize) {
    for number in 0..count {
        let request = firm.owner.post("/v1/notifications/read-all", json!({})).key(&format!("{name}-{number}"));
        assert!(request.send().await.status < 300);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_keys_are_forgotten_by_later_requests_and_others_are_not() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let kept = || app.count("SELECT count(*) FROM idempotency_keys WHERE key LIKE 'old-%'");
    keyed_requests(&firm, "old", 40).await;

    app.pass(Duration::days(6)).await;
    let firm = app.signed_in_again(&firm).await;
    keyed_requests(&firm, "new", 40).await;
    assert_eq!(kept(), 40, "seven days are promised");

    app.pass(Duration::days(2)).await;
    let firm = app.signed_in_again(&firm).await;
    keyed_requests(&firm, "newer", 40).await;
    assert_eq!(kept(), 0);
    assert_eq!(app.count("SELECT count(*) FROM idempotency_keys WHERE key LIKE 'new-%'"), 40);
}
