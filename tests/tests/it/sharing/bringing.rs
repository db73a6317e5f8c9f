use super::{accesses, path, shares_folder, stores};
use chrono::Duration;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};
use tests::{Answer, Firm, TestApp};
use tokio::sync::Barrier;

/// A link by which files come into a folder.
async fn inbox(firm: &Firm, wishes: Value) -> Value {
    let mut all = json!({ "mode": "upload" });
    all.as_object_mut().unwrap().extend(wishes.as_object().cloned().unwrap());
    shares_folder(firm, "in", all).await
}

async fn brings(app: &TestApp, share: &Value, name: &str, content: &str) -> Answer {
    app.visitor().request(Method::PUT, format!("{}/{name}", path(share))).bytes(content.to_owned()).send().await
}

async fn content(firm: &Firm, path: &str) -> String {
    firm.owner.get(format!("/v1/buckets/docs/files/{path}")).send().await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_never_takes_a_files_place() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let share = inbox(&firm, json!({})).await;
    stores(&firm, "in/a.txt", "text/plain", "the firm's").await;
    stores(&firm, "in/a%20(3).txt", "text/plain", "the firm's too").await;
    let mut told = Vec::new();
    for content in ["one", "two", "two"] {
        let brought = brings(&app, &share, "a.txt", content).await;
        assert_eq!((brought.status, brought.header("etag")), (201, ""));
        told.push(brought.value());
    }
    let view = |name: &str| json!({ "name": name, "size_bytes": 3 });
    assert_eq!(told[1..], [view("a (4).txt"), view("a (5).txt")], "the same content is another file too");
    assert_eq!(told[0]["size_bytes"], 3);
    let first = told[0]["name"].as_str().unwrap().replace(' ', "%20");
    assert_eq!(content(&firm, &format!("in/{first}")).await, "one");
    assert_eq!(content(&firm, "in/a%20(4).txt").await, "two");
    assert_eq!(content(&firm, "in/a.txt").await, "the firm's");
    assert_eq!(content(&firm, "in/a%20(3).txt").await, "the firm's too");
    assert_eq!(brings(&app, &share, "%E5%90%88%E5%90%8C", "").await.value()["name"], "合同");

    assert_eq!(accesses(&firm, &share).await, ["dropped", "dropped", "dropped", "dropped"]);
    let rows = firm.owner.get("/v1/audit-log?action=share.file_brought").ok().await;
    let row = &rows["data"][0];
    assert_eq!(rows["data"].as_array().unwrap().len(), 4, "{row:#}");
    assert_eq!(row["object"], share["id"], "{row:#}");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_at_once_is_all_kept() {
    let app = Arc::new(TestApp::start().await);
    let firm = app.firm("tea").await;
    let share = inbox(&firm, json!({})).await;
    let barrier = Arc::new(Barrier::new(8));
    let answers = join_all((0..8).map(|number| {
        let (barrier, app, share) = (Arc::clone(&barrier), Arc::clone(&app), share.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            (number.to_string(), brings(&app, &share, "a.txt", &number.to_string()).await)
        })
    }))
    .await;
    let mut names = BTreeSet::new();
    for (sent, answer) in answers.into_iter().map(Result::unwrap) {
        assert_eq!(answer.status, 201, "{}", answer.text());
        let name = answer.value()["name"].as_str().unwrap().to_owned();
        assert_eq!(content(&firm, &format!("in/{}", name.replace(' ', "%20"))).await, sent);
        names.insert(name);
    }
    assert_eq!(names.len(), 8, "{names:?}");
    assert!(names.contains("a.txt") && names.contains("a (2).txt"), "{names:?}");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_brings_sees_and_reads_nothing() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let share = inbox(&firm, json!({})).await;
    stores(&firm, "in/secret.txt", "text/plain", "secret").await;
    assert_eq!(brings(&app, &share, "a.txt", "mine").await.status, 201);
    let seen = app.visitor().get(path(&share)).send().await;
    assert_eq!((seen.status, &seen.value()["entries"]), (200, &json!([])));
    assert!(!seen.text().contains("secret") && !seen.text().contains("a.txt"));
    for end in ["/content", "/files/a.txt", "/files/secret.txt"] {
        app.visitor().get(format!("{}{end}", path(&share))).send().await.problem(403, "share_refuses");
    }
    let other = shares_folder(&firm, "in", json!({})).await;
    brings(&app, &other, "a.txt", "x").await.problem(403, "share_refuses");
    for name in ["%2e%2e%2fout.txt", "b%2Fa.txt", "a%00", "%ff", &"x".repeat(256)] {
        let refused = brings(&app, &share, name, "x").await.problem(422, "validation_failed");
        assert_eq!(refused["errors"][0]["pointer"], "/name");
    }
    assert_eq!(app.count("SELECT count(*) FROM files"), 2);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_bucket_and_plan_hold_for_visitors() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let bucket = json!({ "name": "docs", "max_object_bytes": 10, "allowed_types": ["text/plain"] });
    firm.owner.post("/v1/buckets", bucket).ok().await;
    let share = inbox(&firm, json!({})).await;
    brings(&app, &share, "a.txt", "eleven bytes").await.problem(413, "file_too_large");
    let typed =
        app.visitor().request(Method::PUT, format!("{}/a.csv", path(&share))).header("content-type", "text/csv");
    typed.bytes("x").send().await.problem(415, "type_not_allowed");
    let text = |size: usize| {
        let request = app.visitor().request(Method::PUT, format!("{}/a.txt", path(&share)));
        request.header("content-type", "text/plain").bytes("x".repeat(size)).send()
    };
    app.database.sql("UPDATE limits SET maximum = 15 WHERE meter = 'storage_bytes'");
    assert_eq!(text(10).await.status, 201);
    let full = text(6).await.problem(507, "share_full");
    assert!(full.get("used_bytes").is_none() && full.get("limit_bytes").is_none(), "{full:#}");
    assert_eq!(text(5).await.status, 201);
    assert_eq!(app.count("SELECT count(*) FROM files"), 2);
    assert_eq!(accesses(&firm, &share).await, ["dropped", "dropped"]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_does_not_work_takes_nothing() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let expiring = inbox(&firm, json!({ "expires_at": "2026-11-02T03:00:00Z" })).await;
    let (revoked, kept) = (inbox(&firm, json!({})).await, inbox(&firm, json!({})).await);
    let locked = inbox(&firm, json!({ "password": "granite lantern 41 orchard" })).await;
    firm.owner.delete(format!("/v1/shares/{}", revoked["id"].as_str().unwrap())).send().await;
    brings(&app, &locked, "a.txt", "x").await.problem(401, "share_locked");
    let password = json!({ "password": "granite lantern 41 orchard" });
    let pass = app.visitor().post(path(&locked), password).ok().await["pass"].as_str().unwrap().to_owned();
    let put = app.visitor().request(Method::PUT, format!("{}/a.txt", path(&locked)));
    assert_eq!(put.header("authorization", &format!("Share {pass}")).bytes("x").send().await.status, 201);
    app.clock.advance(Duration::hours(1));
    let token = kept["token"].as_str().unwrap();
    let unknown = json!({ "token": format!("{}{}", &token[..26], "A".repeat(43)) });
    for share in [&expiring, &revoked, &unknown, &json!({ "token": "short" })] {
        brings(&app, share, "a.txt", "x").await.problem(404, "not_found");
    }
    app.database.sql("UPDATE tenants SET status = 'read_only'");
    brings(&app, &kept, "a.txt", "x").await.problem(404, "not_found");
    app.database.sql("UPDATE tenants SET status = 'active'");
    assert_eq!(brings(&app, &kept, "a.txt", "x").await.value()["name"], "a (2).txt");
    assert_eq!(app.count("SELECT count(*) FROM files"), 2);
    app.run_jobs().await;
}
