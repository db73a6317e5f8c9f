use super::{is_signed_in, refresh, text};
use chrono::Duration;
use std::collections::HashSet;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a68_thirty_at_once_end_with_one_child_and_a_live_session() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let answers = futures_util::future::join_all((0..30).map(|_| refresh(&app, &firm.refresh_token))).await;
    let children: HashSet<String> = answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.header("cache-control"), "no-store");
            text(&answer.value(), "/refresh_token")
        })
        .collect();
    assert_eq!(children.len(), 1);
    assert_eq!(app.count("SELECT count(*) FROM refresh_tokens"), 2);
    let child = children.into_iter().next().unwrap();
    let next = refresh(&app, &child).await.value();
    assert!(is_signed_in(&app.visitor().with_token(text(&next, "/access_token"))).await);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_ends_the_session_and_its_owner_is_told() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let before = app.mails(&firm.email).len();
    let child = text(&refresh(&app, &firm.refresh_token).await.value(), "/refresh_token");
    app.clock.advance(Duration::seconds(11));
    refresh(&app, &firm.refresh_token).await.problem(401, "refresh_token_invalid");
    refresh(&app, &child).await.problem(401, "refresh_token_invalid");
    assert!(!is_signed_in(&firm.owner).await, "access ends too");
    app.run_jobs().await;
    assert_eq!(app.mails(&firm.email).len(), before + 1);
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action = 'auth.refresh_reuse'"), 1);
    for _ in 0..3 {
        refresh(&app, &firm.refresh_token).await.problem(401, "refresh_token_invalid");
    }
    app.run_jobs().await;
    assert_eq!(app.mails(&firm.email).len(), before + 1, "told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_and_signing_out_at_once_leaves_nothing_alive() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let body = serde_json::json!({ "refresh_token": firm.refresh_token });
    let (refreshed, out) = futures_util::future::join(
        refresh(&app, &firm.refresh_token),
        app.visitor().post("/v1/auth/log-out", body).send(),
    )
    .await;
    assert_eq!(out.status, 204);
    if refreshed.status == 200 {
        let tokens = refreshed.value();
        assert!(!is_signed_in(&app.visitor().with_token(text(&tokens, "/access_token"))).await);
        refresh(&app, &text(&tokens, "/refresh_token")).await.problem(401, "refresh_token_invalid");
    }
    app.run_jobs().await;
}
