//! One PUT to the object store.

use super::{begin, complete, firm_with_docs, hash, path, put, quota};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tests::TestApp;

const INVOICE: &str = "/v1/buckets/docs/files/%E5%90%88%E5%90%8C/%E5%8F%91%E7%A5%A8.pdf";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_there_once_it_is_completed_and_not_before() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let body = b"%PDF-1.7 tea".as_slice();
    let declared = json!({ "path": "合同/发票.pdf", "size_bytes": body.len(), "content_type": "application/pdf" });
    let begun = begin(&firm, declared).await;
    assert_eq!(begun.status, 201);
    let upload = begun.value();
    assert_eq!((&upload["state"], &upload["method"]), (&json!("open"), &json!("PUT")));
    assert!(!upload["url"].as_str().unwrap().contains("%E5"), "no name of the firm's is in an address");
    assert_eq!(quota(&firm).await, (0, 12));
    complete(&firm, &upload).await.problem(409, "upload_not_whole");
    assert_eq!(put(&upload, body).await, StatusCode::OK);
    firm.owner.get(INVOICE).send().await.problem(404, "not_found");
    let completed = complete(&firm, &upload).await;
    assert_eq!(completed.status, 201, "{}", completed.text());
    let file = completed.value();
    assert_eq!((&file["path"], &file["content_type"]), (&json!("合同/发票.pdf"), &json!("application/pdf")));
    assert_eq!((&file["sha256"], file["size_bytes"].as_i64()), (&json!(hash(body)), Some(12)));
    assert_eq!(firm.owner.get(INVOICE).send().await.body, body);
    assert_eq!(quota(&firm).await, (12, 0));
    let again = complete(&firm, &upload).await;
    assert_eq!((again.status, again.value()), (200, file.clone()));
    let shown = firm.owner.get(path(&upload)).ok().await;
    assert_eq!((&shown["state"], &shown["file_id"], &shown["url"]), (&json!("done"), &file["id"], &json!(null)));
    app.run_jobs().await;
}

/// The address serves for a quarter of an hour, whatever has become of the upload.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_after_completion_changes_nothing() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let declared = json!({ "path": "a.txt", "size_bytes": 4, "content_type": "text/plain" });
    let upload = begin(&firm, declared).await.value();
    assert_eq!(put(&upload, "good").await, StatusCode::OK);
    complete(&firm, &upload).await;
    assert_eq!(put(&upload, "evil").await, StatusCode::OK, "the store knows of no completion");
    let read = async || firm.owner.get("/v1/buckets/docs/files/a.txt").send().await.text();
    assert_eq!(read().await, "good");
    assert_eq!(complete(&firm, &upload).await.value()["sha256"], hash(b"good"));
    assert_eq!(read().await, "good");
    app.pass(chrono::Duration::minutes(31)).await;
    app.pass(chrono::Duration::minutes(10)).await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state NOT IN ('live', 'gone')"), 0);
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state = 'live'"), 1);
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(firm.owner.get("/v1/buckets/docs/files/a.txt").send().await.text(), "good");
    app.pass(chrono::Duration::days(9)).await;
    assert_eq!(app.count("SELECT count(*) FROM uploads"), 0);
}

/// Completing in parallel, with other bytes written in between: whoever wins, what is shown is what was checked.
#[tokio::test(flavor = "multi_thread")]
async fn completions_at_once_show_one_file_and_what_it_is_said_to_be() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    for round in 0..5 {
        let declared = json!({ "path": format!("{round}.txt"), "size_bytes": 4, "content_type": "text/plain" });
        let upload = begin(&firm, declared).await.value();
        put(&upload, "good").await;
        let (one, two, _) = tokio::join!(complete(&firm, &upload), complete(&firm, &upload), put(&upload, "evil"));
        assert!(one.status < 300 && two.status < 300, "{} {}", one.text(), two.text());
        assert_eq!((&one.value()["id"], &one.value()["sha256"]), (&two.value()["id"], &two.value()["sha256"]));
        let read = firm.owner.get(format!("/v1/buckets/docs/files/{round}.txt")).send().await;
        assert_eq!(one.value()["sha256"], hash(&read.body));
    }
    assert_eq!(quota(&firm).await, (20, 0));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_same_upload_with_an_address_that_serves() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let declared = json!({ "path": "a", "size_bytes": 0, "content_type": "text/plain" });
    let send = || firm.owner.post("/v1/buckets/docs/uploads", declared.clone()).key("one").send();
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status, second.header("idempotent-replayed")), (201, 201, "true"));
    let (first, second) = (first.value(), second.value());
    assert_eq!(first["upload_id"], second["upload_id"]);
    assert_eq!(put(&second, "").await, StatusCode::OK);
    assert_eq!(complete(&firm, &first).await.status, 201);
    assert_eq!(send().await.value()["state"], "done");
    let keyless = firm.owner.request(Method::POST, "/v1/buckets/docs/uploads").json(declared.clone());
    keyless.send().await.problem(400, "idempotency_key_required");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_type_that_says_something_the_bytes_decide() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    firm.owner.patch("/v1/buckets/docs", json!({ "allowed_types": ["image/*"] })).ok().await;
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice();
    for (name, content, status) in [("a.png", picture, 201), ("b.png", b"%PDF-1.7 tea....".as_slice(), 415)] {
        let declared = json!({ "path": name, "size_bytes": 16, "content_type": "application/octet-stream" });
        let begun = begin(&firm, declared).await;
        assert_eq!(begun.status, 201, "{}", begun.text());
        assert_eq!(put(&begun.value(), content).await, StatusCode::OK);
        let completed = complete(&firm, &begun.value()).await;
        assert_eq!(completed.status, status, "{name}: {}", completed.text());
    }
    assert_eq!(firm.owner.get("/v1/buckets/docs/files").ok().await["data"][0]["content_type"], "image/png");
    let named = json!({ "path": "c", "size_bytes": 16, "content_type": "text/plain" });
    begin(&firm, named).await.problem(415, "type_not_allowed");
    app.run_jobs().await;
}
