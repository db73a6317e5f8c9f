//! Limits, termination, expiry, and other firms.

use super::{
    firm_with_docs, noise, quota,
    tus::{begun, create, look, metadata, piece, read, request},
};
use reqwest::Method;
use serde_json::json;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn buckets_and_plans_set_limits_to_resumable_uploads_too() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let bucket = json!({ "name": "small", "max_object_bytes": 10, "allowed_types": ["image/*"] });
    firm.owner.post("/v1/buckets", bucket).ok().await;
    let to_small = |length, kind: &str| {
        let told = format!("{},filetype {kind}", metadata("small", "a"));
        create(&firm, "a", length).header("upload-metadata", &told)
    };
    // image/png and text/plain
    let too_large = to_small(11, "aW1hZ2UvcG5n").send().await.problem(413, "file_too_large");
    assert_eq!(too_large["limit_bytes"], 10);
    to_small(5, "dGV4dC9wbGFpbg==").send().await.problem(415, "type_not_allowed");
    // A type that nobody named is told by the bytes.
    let untold = create(&firm, "a", 4).header("upload-metadata", &metadata("small", "a")).send().await;
    piece(&firm, untold.header("location"), 0, "text").send().await.problem(415, "type_not_allowed");
    assert_eq!(look(&firm, untold.header("location")).await.status, 410);
    app.database.sql("UPDATE limits SET maximum = 100 WHERE meter = 'storage_bytes'");
    create(&firm, "a", 101).send().await.problem(507, "storage_quota_exceeded");
    let deferred = request(&firm, Method::POST, "/v1/tus").header("upload-defer-length", "1");
    let deferred = deferred.header("upload-metadata", &metadata("docs", "a")).send().await;
    let path = deferred.header("location");
    assert_eq!(piece(&firm, path, 0, vec![b'x'; 60]).send().await.status, 204);
    piece(&firm, path, 60, vec![b'x'; 41]).send().await.problem(507, "storage_quota_exceeded");
    piece(&firm, path, 60, "").header("upload-length", "101").send().await.problem(507, "storage_quota_exceeded");
    assert_eq!(piece(&firm, path, 60, vec![b'x'; 40]).header("upload-length", "100").send().await.status, 204);
    assert_eq!(quota(&firm).await, (100, 0));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_terminated_is_gone_with_its_bytes_and_its_room() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let path = begun(&firm, "a", 7 << 20).await;
    assert_eq!(piece(&firm, &path, 0, noise(6 << 20)).send().await.status, 204);
    assert_eq!(piece(&firm, &path, 6 << 20, noise(9)).send().await.status, 204);
    assert_eq!(request(&firm, Method::DELETE, &path).send().await.status, 204);
    assert_eq!(quota(&firm).await, (0, 0));
    for ended in [request(&firm, Method::DELETE, &path), piece(&firm, &path, (6 << 20) + 9, "x")] {
        ended.send().await.problem(410, "upload_gone");
    }
    let seen = look(&firm, &path).await;
    assert_eq!((seen.status, seen.header("upload-offset")), (410, ""));
    app.pass(chrono::Duration::minutes(11)).await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumable_upload_expires_after_a_day() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let path = begun(&firm, "a", 10).await;
    assert_eq!(piece(&firm, &path, 0, "01234").send().await.status, 204);
    app.clock.advance(chrono::Duration::hours(24));
    let firm = app.signed_in_again(&firm).await;
    piece(&firm, &path, 5, "56789").send().await.problem(410, "upload_gone");
    assert_eq!(look(&firm, &path).await.status, 410);
    app.pass(chrono::Duration::minutes(10)).await;
    assert_eq!(quota(&firm).await, (0, 0));
    assert_eq!(look(&firm, &path).await.status, 410);
    app.pass(chrono::Duration::minutes(10)).await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
    app.pass(chrono::Duration::days(8)).await;
    assert_eq!(app.count("SELECT count(*) FROM uploads"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumable_upload_of_another_firm_is_none() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    for firm in [&firm, &other] {
        firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    }
    let path = begun(&firm, "a", 4).await;
    assert_eq!(look(&other, &path).await.status, 404);
    piece(&other, &path, 0, "evil").send().await.problem(404, "not_found");
    request(&other, Method::DELETE, &path).send().await.problem(404, "not_found");
    assert_eq!(piece(&firm, &path, 0, "good").send().await.status, 204);
    assert_eq!(read(&firm, "a").await.text(), "good");
    // An upload that goes to the store directly is none of tus, and the other way round.
    let direct = super::begin(&firm, json!({ "path": "b", "size_bytes": 1, "content_type": "text/plain" })).await;
    let as_tus = format!("/v1/tus/{}", direct.value()["upload_id"].as_str().unwrap());
    assert_eq!(look(&firm, &as_tus).await.status, 404);
    let as_direct = path.replace("/v1/tus/", "/v1/buckets/docs/uploads/");
    firm.owner.get(as_direct).send().await.problem(404, "not_found");
    app.run_jobs().await;
}
