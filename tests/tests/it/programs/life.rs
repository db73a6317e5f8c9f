//! When a key opens and when it does not.

use super::{grow_stale, opens};
use chrono::Duration;
use kernel::Clock;
use serde_json::json;
use tests::{PASSWORD, TestApp, product};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_until_the_instant_of_its_expiry() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let end = app.clock.now() + Duration::minutes(10);
    let key = firm.program_with(json!({ "name": "x", "scopes": ["catalogue:read"], "expires_at": end })).await;
    app.clock.advance(Duration::minutes(10) - Duration::microseconds(1));
    assert!(opens(&key.client).await);
    app.clock.advance(Duration::microseconds(1));
    key.client.get("/v1/products").send().await.problem(401, "unauthenticated");
    assert_eq!(firm.owner.get(key.path()).ok().await["status"], "expired");
    let firm = app.signed_in_again(&firm).await;
    firm.owner.post(format!("{}/rotate", key.path()), json!({})).send().await.problem(409, "api_key_expired");
    let later = json!({ "expires_at": end + Duration::days(1) });
    assert_eq!(firm.owner.patch(key.path(), later).ok().await["status"], "active");
    assert!(opens(&key.client).await);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_refused_by_every_node_with_the_next_request() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read", "files:read"]).await;
    let elsewhere = app.another_node().await.with_token(&key.secret);
    assert!(opens(&elsewhere).await && opens(&key.client).await);
    firm.owner.patch(key.path(), json!({ "scopes": ["files:read"] })).ok().await;
    elsewhere.get("/v1/products").send().await.problem(403, "permission_denied");
    elsewhere.get("/v1/buckets").ok().await;
    assert_eq!(firm.owner.delete(key.path()).send().await.status, 204);
    for client in [&elsewhere, &key.client] {
        client.get("/v1/buckets").send().await.problem(401, "unauthenticated");
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a53_what_stops_the_firms_people_stops_its_programs() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read", "catalogue:write"]).await;
    let write = || key.client.post("/v1/products", product("茶", "T-1", 100, None)).send();
    for (status, reads, writes) in [
        ("suspended", Some("tenant_suspended"), "tenant_suspended"),
        ("closed", Some("unauthenticated"), "unauthenticated"),
        ("read_only", None, "tenant_read_only"),
    ] {
        let closed_at = if status == "closed" { "now()" } else { "NULL" };
        app.database.sql(&format!("UPDATE tenants SET status = '{status}', closed_at = {closed_at}"));
        let read = key.client.get("/v1/products").send().await;
        match reads {
            Some(code) => drop(read.problem(if status == "closed" { 401 } else { 403 }, code)),
            None => assert_eq!(read.status, 200),
        }
        write().await.problem(if status == "closed" { 401 } else { 403 }, writes);
    }
    app.database.sql("UPDATE tenants SET status = 'active'");
    assert_eq!(write().await.status, 201);
    app.run_jobs().await;
}

/// What takes rights away is no trade: a firm that is held may still protect itself, by its people alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_firm_that_is_held_still_protects_itself() {
    let app = TestApp::start().await;
    for status in ["read_only", "suspended"] {
        let firm = app.firm(&format!("foshan-{}", status.replace('_', "-"))).await;
        let (owner, key) = (&firm.owner, firm.program(&["catalogue:read"]).await);
        let clerk = app.member(&firm, "sales").await;
        let clerks = owner.get("/v1/members").ok().await;
        let clerks = clerks["data"].as_array().unwrap().iter().find(|member| member["role"] == "sales").unwrap();
        let guest = json!({ "email": format!("{status}@guests.example"), "role": "viewer" });
        let guest = owner.post("/v1/invitations", guest).ok().await;
        let log_in = json!({ "email": firm.email, "password": PASSWORD });
        let elsewhere = app.visitor().post("/v1/auth/log-in", log_in).ok().await;
        let elsewhere = app.visitor().with_token(elsewhere["access_token"].as_str().unwrap());
        app.database.sql(&format!("UPDATE tenants SET status = '{status}' WHERE slug LIKE 'foshan-%'"));

        clerk.delete(key.path()).send().await.problem(403, "permission_denied");
        let paths = [
            key.path(),
            format!("/v1/members/{}", clerks["id"].as_str().unwrap()),
            format!("/v1/invitations/{}", guest["id"].as_str().unwrap()),
        ];
        for path in paths {
            let answer = owner.delete(&path).send().await;
            assert_eq!(answer.status, 204, "{status}, {path}: {}", answer.text());
        }
        assert_eq!(owner.post("/v1/me/sessions/revoke-others", json!({})).send().await.status, 204, "{status}");
        for client in [&key.client, &clerk, &elsewhere] {
            client.get("/v1/me").send().await.problem(401, "unauthenticated");
        }
        let new = json!({ "name": "shop", "scopes": ["catalogue:read"] });
        owner.post("/v1/api-keys", new).send().await.problem(403, &format!("tenant_{status}"));
        app.database.sql("UPDATE tenants SET status = 'active'");
    }
    app.run_jobs().await;
}

/// A key belongs to the firm. Whoever made it is named, so that its people can decide.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_stays_when_whoever_made_it_is_demoted_or_leaves() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let developer = app.member(&firm, "developer").await;
    let verify = "UPDATE users SET email_verified_at = now() WHERE email_verified_at IS NULL";
    app.database.sql(verify);
    let body = json!({ "name": "shop", "scopes": ["catalogue:read", "catalogue:write"] });
    let made = developer.post("/v1/api-keys", body).ok().await;
    let program = app.visitor().with_token(made["secret"].as_str().unwrap());
    let members = firm.owner.get("/v1/members").ok().await;
    let member =
        members["data"].as_array().unwrap().iter().find(|member| member["role"] == "developer").unwrap().clone();
    let member_path = format!("/v1/members/{}", member["id"].as_str().unwrap());

    firm.owner.patch(&member_path, json!({ "role": "viewer" })).ok().await;
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    developer.get(&path).send().await.problem(403, "permission_denied");
    program.post("/v1/products", product("茶", "T-1", 100, None)).ok().await;
    assert_eq!(firm.owner.delete(&member_path).send().await.status, 204);
    program.post("/v1/products", product("茶", "T-2", 100, None)).ok().await;
    let shown = firm.owner.get(&path).ok().await;
    assert_eq!((&shown["created_by"], &shown["status"]), (&member["user_id"], &json!("active")));
    assert_eq!(firm.owner.delete(&path).send().await.status, 204);
    assert!(!opens(&program).await);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_noted_at_most_once_a_minute() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read"]).await;
    let version = || app.count("SELECT xmin::text::bigint AS count FROM api_keys");
    let made = version();
    let first = app.clock.now();
    // Many at once write once; the others find it written.
    futures_util::future::join_all((0..8).map(|_| opens(&key.client))).await;
    let noted = version();
    assert_ne!(noted, made);
    let last_used = || async { firm.owner.get(key.path()).ok().await["last_used_at"].as_str().unwrap().to_owned() };
    assert_eq!(last_used().await.parse::<chrono::DateTime<chrono::Utc>>().unwrap(), first);
    app.clock.advance(Duration::seconds(59));
    assert!(opens(&key.client).await);
    assert_eq!(version(), noted, "a write within the minute");
    app.clock.advance(Duration::seconds(1));
    assert!(opens(&key.client).await);
    assert_ne!(version(), noted);
    assert_eq!(last_used().await.parse::<chrono::DateTime<chrono::Utc>>().unwrap(), first + Duration::minutes(1));
    // What is refused is no use.
    let noted = version();
    grow_stale(&app);
    let mut wrong = key.secret.clone();
    wrong.replace_range(wrong.len() - 4.., "AAAA");
    app.visitor().with_token(wrong).get("/v1/products").send().await.problem(401, "unauthenticated");
    assert_eq!(version(), noted);
    app.run_jobs().await;
}
