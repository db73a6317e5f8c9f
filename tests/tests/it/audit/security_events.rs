//! A92: log-ins that succeed and fail, refused authorisation.

use super::{actions, rows};
use serde_json::json;
use tests::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a92_log_ins_stand_in_the_log_of_the_persons_firms_and_of_nobody_else() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let log_in = |email: &str, password: &str| {
        app.visitor().post("/v1/auth/log-in", json!({ "email": email, "password": password })).send()
    };
    let failed = log_in(&firm.email, "not the password 1").await;
    failed.problem(401, "wrong_credentials");
    log_in("nobody@nowhere.example", PASSWORD).await.problem(401, "wrong_credentials");
    let signed_in = log_in(&firm.email, PASSWORD).await.value();
    let again = app.visitor().with_token(signed_in["access_token"].as_str().unwrap());

    let found = rows(&firm.owner, "q=auth.log").await;
    assert_eq!(actions(&found), ["auth.logged_in", "auth.log_in_failed"]);
    let refused = &found[1];
    assert_eq!((&refused["result"], &refused["actor"]["kind"]), (&json!("refused"), &json!("visitor")));
    assert_eq!((&refused["address"], refused["request_id"].as_str()), (&json!("127.0.0.1"), Some(failed.header("x-request-id"))));
    assert_eq!(rows(&other.owner, "action=auth.log_in_failed").await.len(), 0);
    let token = json!({ "refresh_token": firm.refresh_token });
    let ended = app.visitor().post("/v1/auth/log-out", token).send().await;
    let told = rows(&again, &format!("request_id={}", ended.header("x-request-id"))).await;
    assert_eq!((ended.status, actions(&told)), (204, vec!["auth.logged_out"]));
    let administrator = app.administrator().await;
    let unknown = administrator.get("/admin/v1/audit-log?action=auth.log_in_failed").ok().await;
    assert_eq!(unknown["data"].as_array().unwrap().len(), 1);
    assert_eq!(unknown["data"][0]["object"], "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a92_refused_authorisation_stands_in_the_log_with_operation_and_code() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let viewer = app.member(&firm, "viewer").await;
    let refused = viewer.post("/v1/categories", json!({ "name": "茶" })).send().await;
    refused.problem(403, "permission_denied");
    let found = rows(&firm.owner, "action=auth.refused").await;
    assert_eq!(found.len(), 1);
    let me = viewer.get("/v1/me").ok().await;
    assert_eq!((&found[0]["object"], &found[0]["result"]), (&json!("POST /v1/categories"), &json!("refused")));
    assert_eq!((&found[0]["detail"]["code"], &found[0]["actor"]["id"]), (&json!("permission_denied"), &me["user"]["id"]));
    assert_eq!(found[0]["request_id"], refused.header("x-request-id"));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a92_administrators_failures_stand_in_the_platforms_chain() {
    let app = TestApp::start().await;
    let administrator = app.administrator().await;
    let wrong = json!({ "email": "root@cloud.example", "password": "not the password 1" });
    app.visitor().post("/admin/v1/log-in", wrong).send().await.problem(401, "wrong_credentials");
    let found = administrator.get("/admin/v1/audit-log?q=log_in_failed").ok().await;
    let row = &found["data"][0];
    assert!(row["object"].as_str().unwrap().starts_with("adm_"), "{found:#}");
    assert_eq!(row["result"], "refused");
}
