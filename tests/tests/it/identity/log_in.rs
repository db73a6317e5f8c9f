use super::{credentials, is_signed_in, refresh, text};
use chrono::Duration;
use serde_json::json;
use tests::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a49_a54_near_misses_and_unknown_people_look_the_same() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let cut = &PASSWORD[..PASSWORD.len() - 1];
    let tries = [
        (firm.email.as_str(), cut.to_owned()),
        (&firm.email, PASSWORD.to_uppercase()),
        (&firm.email, "x".repeat(100_000)),
        ("nobody@example.cn", PASSWORD.to_owned()),
    ];
    for (email, password) in &tries {
        let body = json!({ "email": email, "password": password });
        let answer = app.visitor().post("/v1/auth/log-in", body).send().await;
        let mut problem = answer.problem(401, "wrong_credentials");
        problem["request_id"] = json!("");
        assert_eq!(problem["detail"].as_str().map(|text| text.contains('@')), Some(false));
    }
    let spelled = format!(" {} ", firm.email.to_uppercase());
    assert_eq!(app.visitor().post("/v1/auth/log-in", credentials(&spelled)).send().await.status, 200);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_log_ins_of_one_person_at_once_never_fail_on_our_side() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    for _ in 0..5 {
        let log_in = || app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).send();
        for answer in futures_util::future::join_all((0..8).map(|_| log_in())).await {
            assert!(matches!(answer.status, 200 | 429), "{}: {}", answer.status, answer.text());
        }
        app.clock.advance(Duration::hours(2));
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a60_log_out_and_a_disabled_account_end_everything_at_once() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let other = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    let other_client = app.visitor().with_token(text(&other, "/access_token"));
    let body = json!({ "refresh_token": firm.refresh_token });
    assert_eq!(app.visitor().post("/v1/auth/log-out", body.clone()).send().await.status, 204);
    assert!(!is_signed_in(&firm.owner).await);
    refresh(&app, &firm.refresh_token).await.problem(401, "refresh_token_invalid");
    assert_eq!(app.visitor().post("/v1/auth/log-out", body).send().await.status, 204, "twice is no complaint");
    assert!(is_signed_in(&other_client).await, "the other session lives");

    app.count("WITH gone AS (UPDATE users SET disabled_at = now() RETURNING 1) SELECT count(*) FROM gone");
    assert!(!is_signed_in(&other_client).await);
    refresh(&app, &text(&other, "/refresh_token")).await.problem(401, "refresh_token_invalid");
    let again = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).send().await;
    again.problem(401, "wrong_credentials");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_firm_shows_and_does_only_what_it_may() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let set = |status: &str| {
        let sql = format!("WITH s AS (UPDATE tenants SET status = '{status}' RETURNING 1) SELECT count(*) FROM s");
        assert_eq!(app.count(&sql), 1);
    };
    let invite = || firm.owner.post("/v1/invitations", json!({ "email": "x@example.cn", "role": "viewer" })).send();
    set("read_only");
    assert_eq!(firm.owner.get("/v1/members").send().await.status, 200);
    invite().await.problem(403, "tenant_read_only");
    firm.owner.patch("/v1/tenant", json!({ "name": "Other" })).send().await.problem(403, "tenant_read_only");
    set("suspended");
    firm.owner.get("/v1/members").send().await.problem(403, "tenant_suspended");
    invite().await.problem(403, "tenant_suspended");
    assert!(is_signed_in(&firm.owner).await, "to read the notice and to switch to another firm");
    set("active");
    assert_eq!(invite().await.status, 201);
    app.run_jobs().await;
    let token = app.token_from_mail("x@example.cn");
    set("suspended");
    let accept = json!({ "token": token, "password": PASSWORD });
    app.visitor().post("/v1/invitations/accept", accept).send().await.problem(400, "invitation_invalid");
    app.run_jobs().await;
}
