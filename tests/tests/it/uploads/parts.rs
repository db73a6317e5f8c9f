//! Parts, each a PUT to the object store.

use super::{begin, complete, firm_with_docs, hash, noise, path, put, quota, try_put};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::{Firm, TestApp};

const SIZE: usize = (65 << 20) + 1;
const BYTES: i64 = (65 << 20) + 1;

async fn begun(firm: &Firm, name: &str, sha256: Option<String>) -> Value {
    let mut declared = json!({ "path": name, "size_bytes": SIZE, "content_type": "application/octet-stream" });
    if let Some(sha256) = sha256 {
        declared["sha256"] = json!(sha256);
    }
    let upload = begin(firm, declared).await.value();
    assert_eq!((&upload["url"], &upload["method"]), (&json!(null), &json!(null)));
    upload
}

/// Sends the parts from the last to the first, without the first `missing`.
async fn send(upload: &Value, body: &[u8], missing: usize) {
    let parts = upload["parts"].as_array().unwrap();
    let mut end = body.len();
    for part in parts.iter().skip(missing).rev() {
        let start = end - usize::try_from(part["size_bytes"].as_u64().unwrap()).unwrap();
        assert_eq!(put(part, body[start..end].to_vec()).await, StatusCode::OK);
        end = start;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_in_parts_in_any_order() {
    let app = TestApp::start().await;
    let (firm, body) = (firm_with_docs(&app).await, noise(SIZE));
    let upload = begun(&firm, "large.zip", Some(hash(&body))).await;
    assert_eq!(upload["parts"].as_array().unwrap().len(), 5);
    complete(&firm, &upload).await.problem(409, "upload_not_whole");
    send(&upload, &body, 1).await;
    complete(&firm, &upload).await.problem(409, "upload_not_whole");
    let again = firm.owner.get(path(&upload)).ok().await;
    assert_eq!(put(&again["parts"][0], body[1..=16 << 20].to_vec()).await, StatusCode::OK, "wrong, and mended");
    assert_eq!(put(&again["parts"][0], body[..16 << 20].to_vec()).await, StatusCode::OK);
    assert_eq!(quota(&firm).await, (0, BYTES));
    let (one, two) = tokio::join!(complete(&firm, &upload), complete(&firm, &upload));
    assert!(one.status < 300 && two.status < 300, "{} {}", one.text(), two.text());
    assert_eq!(one.value()["sha256"], hash(&body));
    let late = try_put(&again["parts"][0], body[1..=16 << 20].to_vec()).await;
    assert!(!late.is_ok_and(|status| status.is_success()), "an upload that has ended takes no part");
    assert!(firm.owner.get("/v1/buckets/docs/files/large.zip").send().await.body == body);
    assert_eq!(quota(&firm).await, (BYTES, 0));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_something_else_than_was_declared_are_never_shown() {
    let app = TestApp::start().await;
    let (firm, body) = (firm_with_docs(&app).await, noise(SIZE));
    let upload = begun(&firm, "large.zip", Some(hash(b"something else"))).await;
    send(&upload, &body, 0).await;
    complete(&firm, &upload).await.problem(422, "checksum_mismatch");
    complete(&firm, &upload).await.problem(409, "upload_ended");
    firm.owner.get("/v1/buckets/docs/files/large.zip").send().await.problem(404, "not_found");
    assert_eq!(quota(&firm).await, (0, 0));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_nobody_waits_for_are_taken_from_the_store() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let (aborted, expired, open) =
        (begun(&firm, "a", None).await, begun(&firm, "b", None).await, begun(&firm, "c", None).await);
    let first = noise(16 << 20);
    for upload in [&aborted, &expired, &open] {
        assert_eq!(put(&upload["parts"][0], first.clone()).await, StatusCode::OK);
    }
    firm.owner.delete(path(&aborted)).ok().await;
    let soon = "expires_at = '2026-11-02T02:05:00Z'";
    app.database.sql(&format!("UPDATE uploads SET {soon} WHERE path = 'b'"));
    app.database.sql(&format!("UPDATE blobs SET {soon} WHERE id = (SELECT blob_id FROM uploads WHERE path = 'b')"));
    app.pass(chrono::Duration::minutes(11)).await;
    app.pass(chrono::Duration::minutes(11)).await;
    for (upload, taken) in [(&aborted, false), (&expired, false), (&open, true)] {
        let answer = try_put(&upload["parts"][0], first.clone()).await;
        assert_eq!(answer.is_ok_and(|status| status == 200), taken, "{}", upload["path"]);
    }
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(quota(&firm).await, (0, BYTES));
    assert_eq!(firm.owner.get(path(&expired)).ok().await["state"], "given_up");
}
