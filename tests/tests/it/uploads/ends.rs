//! What is refused, given up, or somebody else's.

use super::{begin, complete, firm_with_docs, path, put, quota};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::TestApp;

fn declared(size: i64, content_type: &str) -> Value {
    json!({ "path": "a", "size_bytes": size, "content_type": content_type })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_must_fit_the_bucket_and_the_plan() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let bucket = json!({ "name": "small", "max_object_bytes": 10, "allowed_types": ["image/*"] });
    firm.owner.post("/v1/buckets", bucket).ok().await;
    let send = |bucket: &str, body: Value| {
        firm.owner.post(format!("/v1/buckets/{bucket}/uploads"), body).key(&uuid::Uuid::new_v4().to_string()).send()
    };
    assert_eq!(send("small", declared(11, "image/png")).await.problem(413, "file_too_large")["limit_bytes"], 10);
    send("small", declared(5, "text/html")).await.problem(415, "type_not_allowed");
    send("none", declared(5, "image/png")).await.problem(404, "not_found");
    send("docs", declared(i64::MAX, "image/png")).await.problem(413, "file_too_large");
    for body in [
        declared(-1, "image/png"),
        declared(1, "nothing"),
        declared(1, "image/png\r\nx: y"),
        json!({ "path": "../a", "size_bytes": 1, "content_type": "image/png" }),
        json!({ "path": "a", "size_bytes": 1, "content_type": "image/png", "sha256": "00" }),
        json!({ "path": "a", "size_bytes": 1, "content_type": "image/png", "tenant_id": "x" }),
    ] {
        send("docs", body).await.problem(422, "validation_failed");
    }
    app.database.sql("UPDATE limits SET maximum = 100 WHERE meter = 'storage_bytes'");
    assert_eq!(send("docs", declared(60, "image/png")).await.status, 201);
    let full = send("docs", declared(60, "image/png")).await.problem(507, "storage_quota_exceeded");
    assert_eq!((&full["limit_bytes"], &full["used_bytes"]), (&json!(100), &json!(60)));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_given_up_gives_its_room_back_at_once() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let upload = begin(&firm, declared(4, "text/plain")).await.value();
    assert_eq!(put(&upload, "text").await, StatusCode::OK);
    assert_eq!(firm.owner.delete(path(&upload)).send().await.status, 204);
    assert_eq!(firm.owner.delete(path(&upload)).send().await.status, 204);
    assert_eq!(quota(&firm).await, (0, 0));
    complete(&firm, &upload).await.problem(409, "upload_ended");
    assert_eq!(firm.owner.get(path(&upload)).ok().await["state"], "given_up");
    app.pass(chrono::Duration::minutes(31)).await;
    app.pass(chrono::Duration::minutes(10)).await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
    let firm = app.signed_in_again(&firm).await;
    let done = begin(&firm, declared(4, "text/plain")).await.value();
    put(&done, "text").await;
    complete(&firm, &done).await;
    firm.owner.delete(path(&done)).send().await.problem(409, "upload_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_expires_after_a_day() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let upload = begin(&firm, declared(4, "text/plain")).await.value();
    put(&upload, "text").await;
    app.pass(chrono::Duration::hours(23)).await;
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(quota(&firm).await, (0, 4));
    app.pass(chrono::Duration::hours(2)).await;
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(quota(&firm).await, (0, 0));
    complete(&firm, &upload).await.problem(409, "upload_ended");
    app.pass(chrono::Duration::minutes(10)).await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_another_firm_is_none() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    for firm in [&firm, &other] {
        firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    }
    firm.owner.post("/v1/buckets", json!({ "name": "other" })).ok().await;
    let upload = begin(&firm, declared(4, "text/plain")).await.value();
    put(&upload, "text").await;
    complete(&other, &upload).await.problem(404, "not_found");
    other.owner.get(path(&upload)).send().await.problem(404, "not_found");
    other.owner.delete(path(&upload)).send().await.problem(404, "not_found");
    let elsewhere = path(&upload).replace("/docs/", "/other/");
    firm.owner.get(elsewhere).send().await.problem(404, "not_found");
    assert_eq!(complete(&firm, &upload).await.status, 201);
    app.run_jobs().await;
}
