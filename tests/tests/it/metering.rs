//! What a firm's storage is counted by: bytes and hours, bytes sent, requests, by bucket and day.

use chrono::Duration;
use db::TenantScope;
use files::Traffic;
use kernel::{Actor, ids::TenantId};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Cut, Firm, TestApp};

async fn stores(firm: &Firm, bucket: &str, name: &str, length: usize) -> String {
    firm.owner.post("/v1/buckets", json!({ "name": bucket })).send().await;
    let path = format!("/v1/buckets/{bucket}/files/{name}");
    firm.owner.request(Method::PUT, &path).bytes(vec![7; length]).ok().await;
    path
}

async fn usage(firm: &Firm, query: &str) -> Value {
    firm.owner.get(format!("/v1/storage/usage{query}")).ok().await
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_reads_at_once_are_fifty_reads_and_every_byte() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let path = stores(&firm, "docs", "a", 200_000).await;
    let readers: Vec<_> = (0..50)
        .map(|number| {
            let read = firm.owner.get(&path).header("range", &format!("bytes=0-{}", number * 1_000));
            tokio::spawn(async move { read.send().await.body.len() })
        })
        .collect();
    let mut sent = 0;
    for reader in readers {
        sent += reader.await.unwrap();
    }
    let told = usage(&firm, "").await;
    assert_eq!(told["egress_bytes"], json!(sent), "what is billed");
    assert_eq!((&told["totals"]["read_requests"], &told["totals"]["egress_bytes"]), (&json!(50), &json!(sent)));
    assert_eq!(
        told["days"],
        json!([{ "day": "2026-11-02", "bucket": "docs", "bytes": 200_000, "byte_hours": 0, "egress_bytes": sent,
            "write_requests": 1, "read_requests": 50 }])
    );
    assert_eq!(usage(&other, "").await["days"], json!([]));
    // What is asked for and not sent is no read.
    let etag = firm.owner.get(&path).send().await.header("etag").to_owned();
    firm.owner.get(&path).header("if-none-match", &etag).send().await;
    firm.owner.request(Method::HEAD, &path).send().await;
    assert_eq!(usage(&firm, "").await["totals"]["read_requests"], 51);
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_told_for_the_days_asked_for() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let path = stores(&firm, "docs", "a", 1_000).await;
    app.clock.advance(Duration::hours(23));
    let firm = app.signed_in_again(&firm).await;
    stores(&firm, "pictures", "b", 500).await;
    let file = firm.owner.get("/v1/buckets/docs/files").ok().await["data"][0]["id"].as_str().unwrap().to_owned();
    let to = json!({ "bucket": "pictures", "path": "c" });
    firm.owner.post(format!("/v1/files/{file}/move"), to).ok().await;
    firm.owner.get(&path).send().await.problem(404, "not_found");
    firm.owner.get("/v1/buckets/pictures/files/c").send().await;
    app.clock.advance(Duration::hours(2));
    let firm = app.signed_in_again(&firm).await;
    let told = usage(&firm, "").await;
    let days: Vec<_> = told["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| {
            json!([
                day["day"],
                day["bucket"],
                day["bytes"],
                day["byte_hours"],
                day["write_requests"],
                day["egress_bytes"]
            ])
        })
        .collect();
    assert_eq!(
        json!(days),
        json!([
            ["2026-11-02", "docs", 1_000, 22_000, 1, 0],
            ["2026-11-03", "docs", 0, 1_000, 0, 0],
            ["2026-11-03", "pictures", 1_500, 3_000, 1, 1_000],
        ])
    );
    assert_eq!(
        told["totals"],
        json!({ "from": "2026-10-05", "to": "2026-11-03", "byte_hours": 26_000,
        "egress_bytes": 1_000, "write_requests": 2, "read_requests": 1 })
    );
    assert_eq!(told["byte_hours"], told["totals"]["byte_hours"], "what is billed");
    let second = usage(&firm, "?from=2026-11-03&to=2026-11-03").await;
    assert_eq!((second["days"].as_array().unwrap().len(), &second["totals"]["byte_hours"]), (2, &json!(4_000)));
    assert_eq!(usage(&firm, "?from=2025-11-04&to=2026-11-04").await["days"].as_array().unwrap().len(), 3);
    for query in ["from=2025-11-03&to=2026-11-04", "from=2026-11-04&to=2026-11-03", "from=yesterday", "day=2026-11-03"]
    {
        firm.owner.get(format!("/v1/storage/usage?{query}")).unchecked().send().await.problem(422, "validation_failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_in_order_has_written_down_every_read() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let path = stores(&firm, "docs", "a", 1_000).await;
    let (server, visitor) = app.also_serving(|_| {});
    let reader = visitor.with_token(firm.owner.token().unwrap());
    assert_eq!(reader.get(&path).send().await.body.len(), 1_000);
    server.stop().await.unwrap();
    assert_eq!(app.count("SELECT sum(egress_bytes)::bigint AS count FROM bucket_traffic_days"), 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_counted_once_wherever_their_commit_is_cut() {
    let app = TestApp::behind_a_proxy().await;
    let firm = app.firm("tea").await;
    let tenant: TenantId = firm.id.parse().unwrap();
    let scope = TenantScope::grant(tenant, Actor::system("test"));
    let traffic = Traffic::new(app.state.db.clone());
    for cut in Cut::ALL {
        traffic.answered(&scope, "docs");
        traffic.sent(&scope, "docs", 10);
        app.proxy().cut(cut, 1);
        traffic.write_down(tenant).await;
        assert!(app.proxy().heal().await, "{cut:?}: no cut was made");
        traffic.write_down(tenant).await;
    }
    let told = usage(&firm, "").await;
    assert_eq!((&told["egress_bytes"], &told["totals"]["egress_bytes"]), (&json!(30), &json!(30)));
    assert_eq!(told["totals"]["read_requests"], 3);
}
