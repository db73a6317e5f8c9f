use super::{credentials, is_signed_in, refresh, text};
use chrono::Duration;
use serde_json::json;
use tests::TestApp;

const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

#[tokio::test(flavor = "multi_thread")]
async fn a58_a61_sessions_are_listed_with_device_and_last_use_and_ended_one_by_one() {
    let app = TestApp::start().await;
    let (firm, stranger) = app.two_firms().await;
    app.clock.advance(Duration::minutes(1));
    let log_in = app.visitor().post("/v1/auth/log-in", credentials(&firm.email));
    let browser = log_in.header("user-agent", BROWSER).ok().await;
    let other = app.visitor().with_token(text(&browser, "/access_token"));
    app.clock.advance(Duration::minutes(1));
    refresh(&app, &text(&browser, "/refresh_token")).await;

    let listed = firm.owner.get("/v1/me/sessions").ok().await;
    let rows = listed["data"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{listed:#}");
    assert_eq!((&rows[0]["device"], &rows[0]["current"]), (&json!("Chrome, Windows"), &json!(false)));
    assert_eq!((&rows[1]["current"], &rows[0]["address"]), (&json!(true), &json!("127.0.0.1")));
    assert_eq!(rows[0]["last_seen_at"], "2026-11-02T02:02:00Z");
    assert_eq!(rows[0]["created_at"], "2026-11-02T02:01:00Z");

    let path = format!("/v1/me/sessions/{}", rows[0]["id"].as_str().unwrap());
    stranger.owner.delete(&path).send().await.problem(404, "not_found");
    assert!(is_signed_in(&other).await);
    assert_eq!(firm.owner.delete(&path).send().await.status, 204);
    assert!(!is_signed_in(&other).await, "at once");
    firm.owner.delete(&path).send().await.problem(404, "not_found");
    assert_eq!(firm.owner.get("/v1/me/sessions").ok().await["data"].as_array().unwrap().len(), 1);
    assert!(is_signed_in(&stranger.owner).await);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_other_sessions_of_one_person_end_and_nobody_elses() {
    let app = TestApp::start().await;
    let (firm, stranger) = app.two_firms().await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await);
    }
    assert_eq!(firm.owner.post("/v1/me/sessions/revoke-others", json!({})).send().await.status, 204);
    for tokens in others {
        assert!(!is_signed_in(&app.visitor().with_token(text(&tokens, "/access_token"))).await);
        refresh(&app, &text(&tokens, "/refresh_token")).await.problem(401, "refresh_token_invalid");
    }
    assert!(is_signed_in(&firm.owner).await && is_signed_in(&stranger.owner).await);
    assert_eq!(refresh(&app, &firm.refresh_token).await.status, 200);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a59_idle_and_old_sessions_are_over() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    app.run_jobs().await;
    let mut token = firm.refresh_token.clone();
    for _ in 0..6 {
        app.pass(Duration::days(13)).await;
        token = text(&refresh(&app, &token).await.value(), "/refresh_token");
    }
    app.pass(Duration::days(13)).await;
    refresh(&app, &token).await.problem(401, "refresh_token_invalid");

    let idle = app.signed_in_again(&firm).await;
    app.pass(Duration::days(14)).await;
    refresh(&app, &idle.refresh_token).await.problem(401, "refresh_token_invalid");
    let present = app.signed_in_again(&firm).await;
    let listed = present.owner.get("/v1/me/sessions").ok().await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "those that are over are not listed: {listed:#}");
    app.run_jobs().await;
}
