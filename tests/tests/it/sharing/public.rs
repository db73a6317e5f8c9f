//! Public buckets: files that everybody who knows their address may have, and nothing else.

use super::stores;
use kernel::ids::{Id, TenantId};
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Firm, TestApp, VirusScanner, eicar};

/// The address of a file in the bucket `docs`.
fn address(firm: &Firm, path: &str) -> String {
    format!("/public/{}/docs/{path}", firm.id)
}

async fn shows(firm: &Firm, visibility: &str) {
    firm.owner.patch("/v1/buckets/docs", json!({ "visibility": visibility })).ok().await;
}

async fn gets(app: &TestApp, address: &str) -> Answer {
    app.visitor().get(address).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_a_public_file_whole_in_part_or_not_again() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    stores(&firm, "%E8%8C%B6/a.txt", "text/plain", "0123456789").await;
    let address = address(&firm, "%E8%8C%B6/a.txt");
    gets(&app, &address).await.problem(404, "not_found");
    shows(&firm, "public").await;
    let whole = gets(&app, &address).await;
    assert_eq!((whole.status, whole.text().as_str()), (200, "0123456789"));
    assert_eq!((whole.header("cache-control"), whole.header("accept-ranges")), ("public, max-age=60", "bytes"));
    assert!(whole.header("content-disposition").starts_with("attachment; filename=\"a.txt\""));
    let part = app.visitor().get(&address).header("range", "bytes=2-4").send().await;
    assert_eq!((part.status, part.text().as_str(), part.header("content-range")), (206, "234", "bytes 2-4/10"));
    app.visitor().get(&address).header("range", "bytes=10-").send().await.problem(416, "range_not_satisfiable");
    let known = app.visitor().get(&address).header("if-none-match", whole.header("etag")).send().await;
    assert_eq!((known.status, known.body.len(), known.header("cache-control")), (304, 0, "public, max-age=60"));
    let head = app.visitor().request(Method::HEAD, &address).send().await;
    assert_eq!((head.status, head.header("content-length"), head.header("etag")), (200, "10", whole.header("etag")));
    let usage = firm.owner.get("/v1/storage/usage").ok().await;
    assert_eq!((&usage["egress_bytes"], &usage["totals"]["read_requests"]), (&json!(13), &json!(2)), "the owner's");
    shows(&firm, "private").await;
    gets(&app, &address).await.problem(404, "not_found");
    assert_eq!(app.visitor().request(Method::HEAD, &address).send().await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_run_in_a_browser_is_never_shown_there() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    stores(&firm, "a.html", "text/html", "<!DOCTYPE html><script>alert(1)</script>").await;
    stores(&firm, "a.svg", "image/svg+xml", "<svg onload=\"alert(1)\"/>").await;
    stores(&firm, "a.pdf", "application/pdf", "%PDF-1.7\n").await;
    stores(&firm, "a.gif", "image/gif", "GIF89a\u{1}\0\u{1}\0\0\0\0;").await;
    shows(&firm, "public").await;
    for (name, expected) in
        [("a.html", "attachment"), ("a.svg", "attachment"), ("a.pdf", "attachment"), ("a.gif", "inline")]
    {
        let answer = gets(&app, &address(&firm, name)).await;
        assert_eq!(answer.status, 200, "{name}");
        assert!(answer.header("content-disposition").starts_with(expected), "{name}");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox", "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
        assert!(answer.header("set-cookie").is_empty(), "{name}");
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_for_everybody_looks_the_same() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let file = stores(&firm, "a.txt", "text/plain", "a").await;
    stores(&firm, "b.txt", "text/plain", "b").await;
    firm.owner.post("/v1/buckets", json!({ "name": "inside" })).ok().await;
    firm.owner.request(Method::PUT, "/v1/buckets/inside/files/a.txt").bytes("a").ok().await;
    shows(&firm, "public").await;
    assert_eq!(gets(&app, &address(&firm, "a.txt")).await.text(), "a");
    let id = &firm.id;
    let nobody = format!("{}0", &id[..id.len() - 1]);
    let refused = gets(&app, &address(&other, "a.txt")).await.problem(404, "not_found");
    for address in [
        format!("/public/{id}/inside/a.txt"),
        format!("/public/{id}/docs/none.txt"),
        format!("/public/{id}/docs/"),
        format!("/public/{id}/docs"),
        format!("/public/{id}/docs/a.txt/"),
        format!("/public/{id}/docs/..%2finside%2fa.txt"),
        format!("/public/{id}/docs%2fa.txt"),
        format!("/public/{nobody}/docs/a.txt"),
        "/public/nobody/docs/a.txt".to_owned(),
    ] {
        let told = app.visitor().get(&address).unchecked().send().await.problem(404, "not_found");
        assert_eq!(told["title"], refused["title"], "{address}");
    }
    app.visitor().post(address(&firm, "a.txt"), json!({})).unchecked().send().await.problem(405, "method_not_allowed");
    // In the trash it is for nobody, and back in its place for all.
    firm.owner.delete("/v1/buckets/docs/files/a.txt").send().await;
    gets(&app, &address(&firm, "a.txt")).await.problem(404, "not_found");
    firm.owner.post(format!("/v1/trash/{}/restore", file["id"].as_str().unwrap()), json!({})).ok().await;
    assert_eq!(gets(&app, &address(&firm, "a.txt")).await.status, 200);
    app.run_jobs().await;
    let tenant = id.parse::<TenantId>().unwrap().uuid();
    for (status, seen) in [("suspended", 404), ("read_only", 200), ("closed", 404)] {
        app.database.sql(&format!(
            "UPDATE tenants SET status = '{status}', closed_at = CASE '{status}' WHEN 'closed' THEN now() END
             WHERE id = '{tenant}'"
        ));
        assert_eq!(gets(&app, &address(&firm, "a.txt")).await.status, seen, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a44_nobody_gets_what_is_not_found_clean() {
    let scanner = VirusScanner::start().await;
    let app = TestApp::start_with(&[("CLAMD_ADDR", &scanner.address)]).await;
    let firm = app.firm("tea").await;
    stores(&firm, "a.txt", "text/plain", "clean").await;
    stores(&firm, "virus.txt", "text/plain", &eicar()).await;
    shows(&firm, "public").await;
    gets(&app, &address(&firm, "a.txt")).await.problem(404, "not_found");
    app.run_jobs().await;
    assert_eq!(gets(&app, &address(&firm, "a.txt")).await.text(), "clean");
    gets(&app, &address(&firm, "virus.txt")).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_are_limited_by_their_address() {
    let app = TestApp::start_with(&[("RATE_LIMITS", "on")]).await;
    let firm = app.firm("tea").await;
    stores(&firm, "a.txt", "text/plain", "a").await;
    shows(&firm, "public").await;
    let address = address(&firm, "a.txt");
    let mut answered = 0;
    let refused = loop {
        let answer = gets(&app, &address).await;
        if answer.status != 200 {
            break answer;
        }
        answered += 1;
        assert!(answered <= 400, "no limit");
    };
    refused.problem(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
}
