//! What has ended is forgotten, and what lives is not.

use chrono::Duration;
use serde_json::json;
use tests::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_links_and_throttles_go_and_living_ones_stay() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let ended = app.signed_in_again(&firm).await;
    app.visitor().post("/v1/auth/log-out", json!({ "refresh_token": ended.refresh_token })).send().await;
    let wrong = json!({ "email": firm.email, "password": "not the right one" });
    assert_eq!(app.visitor().post("/v1/auth/log-in", wrong).send().await.status, 401);
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 2);
    assert!(app.count("SELECT count(*) FROM email_tokens") > 0);
    assert!(app.count("SELECT count(*) FROM log_in_throttle") > 0);

    // The session that lives is refreshed on the way, or it would end by idleness.
    app.pass(Duration::days(13)).await;
    let body = json!({ "refresh_token": firm.refresh_token });
    let continued = app.visitor().post("/v1/auth/refresh", body).ok().await;
    app.pass(Duration::days(18)).await;

    assert_eq!(app.count("SELECT count(*) FROM sessions"), 1, "the one that was not ended");
    assert_eq!(app.count("SELECT count(*) FROM refresh_tokens"), 2, "and its tokens");
    assert_eq!(app.count("SELECT count(*) FROM email_tokens"), 0);
    assert_eq!(app.count("SELECT count(*) FROM log_in_throttle"), 0);

    app.pass(Duration::days(150)).await;
    assert_eq!(app.count("SELECT count(*) FROM sessions"), 0, "ninety days and a month later");
    assert_eq!(continued["expires_in"], 900);
    let back = json!({ "email": firm.email, "password": PASSWORD });
    assert_eq!(app.visitor().post("/v1/auth/log-in", back).send().await.status, 200);
}
