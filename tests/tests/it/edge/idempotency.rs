use chrono::Duration;
use reqwest::Method;
use serde_json::json;
use tests::{Client, Firm, TestApp, product};

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

#[tokio::test(flavor = "multi_thread")]
async fn f39_a_key_belongs_to_one_person_one_path_and_one_body() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let clerk = app.member(&firm, "admin").await;
    let category = |client: &Client, name: &str| client.post("/v1/categories", json!({ "name": name })).key("k").send();
    let (owners, clerks) = (category(&firm.owner, "茶").await, category(&clerk, "瓷").await);
    assert_eq!((owners.status, clerks.status), (201, 201), "{} {}", owners.text(), clerks.text());
    assert_eq!((owners.header("idempotent-replayed"), clerks.header("idempotent-replayed")), ("", ""));
    for (client, name, first) in [(&firm.owner, "茶", &owners), (&clerk, "瓷", &clerks)] {
        let again = category(client, name).await;
        assert_eq!((again.text(), again.header("idempotent-replayed")), (first.text(), "true"));
    }
    category(&firm.owner, "瓷").await.problem(422, "idempotency_key_reused");
    let bucket = firm.owner.post("/v1/buckets", json!({ "name": "docs" })).key("k").send().await;
    assert_eq!((bucket.status, bucket.header("idempotent-replayed")), (201, ""));
    assert_eq!(app.count("SELECT count(*) FROM categories"), 2);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f42_a_double_click_without_a_key_makes_one_of_what_has_a_name() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    for (path, body) in [
        ("/v1/products", product("凤凰单丛", "DC-1", 12_800, Some(1))),
        ("/v1/buckets", json!({ "name": "docs" })),
        ("/v1/invitations", json!({ "email": "clerk@tea-chaozhou.example", "role": "viewer" })),
    ] {
        let click = || firm.owner.request(Method::POST, path).json(body.clone()).send();
        let (first, second) = tokio::join!(click(), click());
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{path}: {} {}", first.text(), second.text());
    }
    app.run_jobs().await;
}
