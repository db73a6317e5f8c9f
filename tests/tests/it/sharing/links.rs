use super::{accesses, path, shares, stores, takes};
use chrono::Duration;
use serde_json::json;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_shared_seen_and_taken_without_signing_in() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let file = stores(&firm, "%E5%90%88%E5%90%8C/%E4%B8%80.txt", "text/plain", "0123456789").await;
    let share = shares(&firm, &file, json!({ "max_downloads": 3 })).await;
    assert!(share["url"].as_str().unwrap().ends_with(&path(&share)));
    assert_eq!((&share["path"], &share["status"]), (&json!("合同/一.txt"), &json!("active")));

    let seen = app.visitor().get(path(&share)).ok().await;
    assert_eq!((&seen["name"], &seen["firm"]), (&json!("一.txt"), &json!("tea-chaozhou")));
    assert_eq!((&seen["file"]["size_bytes"], &seen["downloads_left"]), (&json!(10), &json!(3)));
    let taken = takes(&app, &share).await;
    assert_eq!((taken.status, taken.text().as_str()), (200, "0123456789"));
    assert!(taken.header("content-disposition").starts_with("attachment"));
    assert_eq!((taken.header("cache-control"), taken.header("referrer-policy")), ("no-store", "no-referrer"));
    assert_eq!(taken.header("x-robots-tag"), "noindex, nofollow");

    let id = share["id"].as_str().unwrap();
    let known = firm.owner.get(format!("/v1/shares/{id}")).ok().await;
    assert_eq!((&known["downloads"], known.get("token")), (&json!(1), None));
    assert_eq!(accesses(&firm, &share).await, ["opened", "downloaded"]);
    assert_eq!(firm.owner.get("/v1/storage/usage").ok().await["egress_bytes"], 10, "the owner's egress");
    let of_file = format!("/v1/shares?file_id={}", file["id"].as_str().unwrap());
    assert_eq!(firm.owner.get(of_file).ok().await["data"][0]["id"], share["id"]);
    for path in [format!("/v1/shares/{id}"), format!("/v1/shares/{id}/accesses")] {
        other.owner.get(path).send().await.problem(404, "not_found");
    }
    other.owner.delete(format!("/v1/shares/{id}")).send().await.problem(404, "not_found");
    other
        .owner
        .post("/v1/shares", json!({ "file_id": file["id"], "mode": "view" }))
        .send()
        .await
        .problem(404, "not_found");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_opens_nothing_looks_like_one_that_never_was() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let file = stores(&firm, "a.txt", "text/plain", "a").await;
    let until = "2026-11-02T03:00:00Z";
    let expiring = shares(&firm, &file, json!({ "expires_at": until })).await;
    let (revoked, kept) = (shares(&firm, &file, json!({})).await, shares(&firm, &file, json!({})).await);
    let revoke = format!("/v1/shares/{}", revoked["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(firm.owner.delete(&revoke).send().await.status, 204);
    }
    // The same secret under another firm's name.
    let token = kept["token"].as_str().unwrap();
    let foreign = shares(&other, &stores(&other, "b.txt", "text/plain", "b").await, json!({})).await;
    let forged = json!({ "token": format!("{}{}", &foreign["token"].as_str().unwrap()[..26], &token[26..]) });
    let unknown = json!({ "token": format!("{}{}", &token[..26], "A".repeat(43)) });

    assert_eq!(takes(&app, &expiring).await.status, 200);
    app.clock.advance(Duration::hours(1));
    let mut told = Vec::new();
    for share in [&expiring, &revoked, &forged, &unknown, &json!({ "token": "short" })] {
        for end in ["", "/content", "/files/a.txt"] {
            let answer = app.visitor().get(format!("{}{end}", path(share))).send().await;
            let mut problem = answer.problem(404, "not_found");
            assert!(!answer.text().contains(share["token"].as_str().unwrap()), "the token is not repeated");
            let members = problem.as_object_mut().unwrap();
            members.retain(|name, _| name != "request_id" && name != "instance");
            told.push(problem);
        }
        let body = json!({ "password": "anything at all" });
        app.visitor().post(path(share), body).send().await.problem(404, "not_found");
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(accesses(&firm, &revoked).await, ["ended", "ended", "ended", "ended"]);

    app.database.sql("UPDATE tenants SET status = 'read_only'");
    assert_eq!(takes(&app, &kept).await.status, 200, "looking is still allowed");
    for status in ["'suspended'", "'closed', closed_at = now()"] {
        app.database.sql(&format!("UPDATE tenants SET status = {status}"));
        takes(&app, &kept).await.problem(404, "not_found");
    }
    app.database.sql("UPDATE tenants SET status = 'active', closed_at = NULL");
    assert_eq!(takes(&app, &kept).await.status, 200);
    firm.owner.delete("/v1/buckets/docs/files/a.txt").ok().await;
    takes(&app, &kept).await.problem(404, "not_found");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_link_shows_what_is_harmless_and_lets_nothing_else_out() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    for (name, kind, policy) in [
        ("a.txt", "text/plain; charset=utf-8", "sandbox"),
        ("a.png", "image/png", "sandbox"),
        ("a.pdf", "application/pdf", "default-src 'none'"),
    ] {
        let share = shares(&firm, &stores(&firm, name, kind, "").await, json!({ "mode": "view" })).await;
        let shown = takes(&app, &share).await;
        assert!(shown.header("content-disposition").starts_with("inline"), "{name}");
        assert!(shown.header("content-security-policy").contains(policy), "{name}");
        assert_eq!((shown.header("x-content-type-options"), shown.header("content-type")), ("nosniff", kind));
    }
    for (name, kind) in
        [("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a.xml", "text/xml"), ("a.zip", "application/zip")]
    {
        let file = stores(&firm, name, kind, "").await;
        let refused = firm.owner.post("/v1/shares", json!({ "file_id": file["id"], "mode": "view" })).send().await;
        assert_eq!(refused.problem(422, "validation_failed")["errors"][0]["code"], "not_previewable", "{name}");
        let download = shares(&firm, &file, json!({})).await;
        assert!(takes(&app, &download).await.header("content-disposition").starts_with("attachment"), "{name}");
    }
    // A file may become another type after it was shared.
    let share = shares(&firm, &stores(&firm, "b.txt", "text/plain", "x").await, json!({ "mode": "view" })).await;
    stores(&firm, "b.txt", "text/html", "<script>").await;
    takes(&app, &share).await.problem(403, "share_not_previewable");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_not_shared() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let file = stores(&firm, "a.txt", "text/plain", "a").await;
    let id = &file["id"];
    for (body, pointer) in [
        (json!({ "mode": "download" }), "/file_id"),
        (json!({ "mode": "download", "file_id": id, "bucket": "docs" }), "/file_id"),
        (json!({ "mode": "download", "file_id": id, "prefix": "a/" }), "/file_id"),
        (json!({ "mode": "upload", "file_id": id }), "/mode"),
        (json!({ "mode": "upload", "bucket": "docs", "max_downloads": 1 }), "/max_downloads"),
        (json!({ "mode": "download", "bucket": "docs", "prefix": "../" }), "/prefix"),
        (json!({ "mode": "download", "bucket": "docs", "prefix": "/" }), "/prefix"),
        (json!({ "mode": "download", "file_id": id, "max_downloads": 0 }), "/max_downloads"),
        (json!({ "mode": "download", "file_id": id, "expires_at": "2026-11-02T02:00:00Z" }), "/expires_at"),
        (json!({ "mode": "download", "file_id": id, "password": "1234" }), "/password"),
        (json!({ "mode": "download", "file_id": id, "password": "password123" }), "/password"),
    ] {
        let problem = firm.owner.post("/v1/shares", body).send().await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem:#}");
    }
    firm.owner.post("/v1/shares", json!({ "mode": "view", "bucket": "none" })).send().await.problem(404, "not_found");
    assert_eq!(app.count("SELECT count(*) FROM shares"), 0);
    app.run_jobs().await;
}
