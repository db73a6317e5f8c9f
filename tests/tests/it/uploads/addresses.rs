//! T17, A85: a signed address serves for what it was signed, for a short time, and for nothing else.

use super::{begin, firm_with_docs, hash, put, quota};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tests::{Firm, TestApp};

/// Stores find different words for it.
async fn is_refused(request: reqwest::RequestBuilder) -> bool {
    matches!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST)
}

#[tokio::test(flavor = "multi_thread")]
async fn t17_an_address_to_write_is_bound_to_what_was_declared() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let declared = json!({ "path": "a", "size_bytes": 4, "content_type": "image/png", "sha256": hash(b"good") });
    let upload = begin(&firm, declared).await.value();
    let url = upload["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Expires=900&") && url.contains("x-amz-checksum-sha256"), "{url}");
    let with = |name: &str, value: &str| {
        let mut told = upload.clone();
        told["headers"][name] = json!(value);
        told
    };
    let elsewhere = |from: &str, to: &str| {
        let mut told = upload.clone();
        told["url"] = json!(url.replacen(from, to, 1));
        told
    };
    assert_eq!(put(&with("content-type", "text/html"), "good").await, StatusCode::FORBIDDEN);
    assert_eq!(put(&with("content-length", "5"), "worse").await, StatusCode::FORBIDDEN);
    let mut longer = upload.clone();
    longer["headers"].as_object_mut().unwrap().remove("content-length");
    assert_eq!(put(&longer, "much longer").await, StatusCode::FORBIDDEN);
    assert_eq!(put(&with("x-amz-checksum-sha256", "x"), "good").await, StatusCode::FORBIDDEN);
    assert_eq!(put(&upload, "evil").await, StatusCode::BAD_REQUEST, "the store compares the checksum");
    assert_eq!(put(&elsewhere("Expires=900", "Expires=9000"), "good").await, StatusCode::FORBIDDEN);
    assert_eq!(put(&elsewhere("/test-", "/other-"), "good").await, StatusCode::FORBIDDEN);
    assert_eq!(put(&elsewhere("?", "0?"), "good").await, StatusCode::FORBIDDEN);
    let http = Client::new();
    for method in [Method::GET, Method::DELETE, Method::POST] {
        assert!(is_refused(http.request(method.clone(), url)).await, "{method}");
    }
    assert_eq!(put(&upload, "good").await, StatusCode::OK);
    app.run_jobs().await;
}

async fn stored(firm: &Firm, name: &str, content_type: &'static str, body: &'static str) -> Value {
    let request = firm.owner.request(Method::PUT, format!("/v1/buckets/docs/files/{name}")).bytes(body);
    request.header("content-type", content_type).ok().await
}

async fn issue(firm: &Firm, file: &Value, body: Value) -> tests::Answer {
    firm.owner.post(format!("/v1/files/{}/download-url", file["id"].as_str().unwrap()), body).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn t17_an_address_to_read_gives_one_file_and_lets_nothing_run() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let http = Client::new();
    for (name, (content_type, body), disposition, told) in [
        ("%E5%8F%91%E7%A5%A8.pdf", ("application/pdf", "%PDF-1.7"), "attachment", "application/pdf"),
        ("a.txt", ("text/plain", "tea"), "attachment", "text/plain"),
        ("a.html", ("text/html", "<html></html>"), "attachment", "application/octet-stream"),
        (
            "a.svg",
            ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
            "attachment",
            "application/octet-stream",
        ),
    ] {
        let file = stored(&firm, name, content_type, body).await;
        let url = issue(&firm, &file, json!({})).await.value()["url"].as_str().unwrap().to_owned();
        assert!(url.contains("X-Amz-Expires=900&"), "{url}");
        let read = http.get(&url).send().await.unwrap();
        assert_eq!((read.status().as_u16(), &read.headers()["content-type"]), (200, &told.parse().unwrap()));
        let shown = read.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(shown.starts_with(disposition) && shown.ends_with(name), "{shown}");
        assert_eq!(read.text().await.unwrap(), body);
        let part = http.get(&url).header("range", "bytes=1-2").send().await.unwrap();
        assert_eq!((part.status().as_u16(), part.text().await.unwrap().as_str()), (206, &body[1..=2]));
        for changed in [
            url.replace("Expires=900", "Expires=3600"),
            url.replace("response-content-type", "response-content-language"),
            format!("{url}&response-content-type=text%2Fhtml"),
            url.replacen('?', "0?", 1),
            format!("{}Signature={}", url.split("Signature=").next().unwrap(), "0".repeat(64)),
        ] {
            assert!(is_refused(http.get(&changed)).await, "{changed}");
        }
        for method in [Method::PUT, Method::DELETE] {
            assert!(is_refused(http.request(method, &url)).await);
        }
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_to_read_serves_an_hour_at_most_and_counts_as_sent() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    let file = stored(&firm, "a", "text/plain", "content").await;
    for seconds in [0, 3601] {
        issue(&firm, &file, json!({ "expires_in_seconds": seconds })).await.problem(422, "validation_failed");
    }
    issue(&other, &file, json!({})).await.problem(404, "not_found");
    let hour = issue(&firm, &file, json!({ "expires_in_seconds": 3600 })).await.value();
    assert_eq!(hour["expires_at"], "2026-11-02T03:00:00Z");
    assert!(hour["url"].as_str().unwrap().contains("X-Amz-Expires=3600&"));
    assert_eq!(firm.owner.get("/v1/storage/usage").ok().await["egress_bytes"], 7);
    firm.owner.delete("/v1/buckets/docs/files/a").ok().await;
    issue(&firm, &file, json!({})).await.problem(404, "not_found");
    assert_eq!(quota(&firm).await, (7, 0), "the trash counts");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_begin_with_the_public_endpoint() {
    let app = TestApp::start_with(&[("S3_PUBLIC_ENDPOINT", "https://files.example")]).await;
    let firm = firm_with_docs(&app).await;
    let declared = json!({ "path": "a", "size_bytes": 4, "content_type": "image/png" });
    let upload = begin(&firm, declared).await.value();
    assert!(upload["url"].as_str().unwrap().starts_with("https://files.example/test-"), "{upload}");
    let file = stored(&firm, "a", "text/plain", "content").await;
    let url = issue(&firm, &file, json!({})).await.value()["url"].clone();
    assert!(url.as_str().unwrap().starts_with("https://files.example/test-"), "{url}");
    app.run_jobs().await;
}
