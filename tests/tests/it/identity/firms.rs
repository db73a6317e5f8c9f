//! The firm's profile, its name in addresses, and people with several firms.

use super::text;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{Firm, TestApp};

async fn profile(firm: &Firm) -> Value {
    firm.owner.get("/v1/tenant").ok().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_the_profile_is_kept_and_can_be_taken_back() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let seen = firm.owner.get("/v1/tenant").send().await;
    let body = json!({
        "name": "联合家具", "slug": "lianhe-2026", "locale": "en", "time_zone": "Asia/Urumqi", "currency": "USD",
        "address": tests::address(), "unified_social_credit_code": "91440300708461136T",
        "invoice_profile": { "title": "联合家具" }, "support_access": true, "metadata": { "erp": "42" },
    });
    let changed = firm.owner.patch("/v1/tenant", body.clone()).header("if-match", seen.header("etag")).send().await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_ne!(changed.header("etag"), seen.header("etag"));
    let kept = profile(&firm).await;
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&kept[name], value, "{name}");
    }
    let stale = firm.owner.patch("/v1/tenant", json!({ "name": "Late" })).header("if-match", seen.header("etag"));
    stale.send().await.problem(412, "precondition_failed");
    let nothing =
        json!({ "address": null, "unified_social_credit_code": null, "invoice_profile": null, "metadata": {} });
    let emptied = firm.owner.patch("/v1/tenant", nothing.clone()).ok().await;
    for (name, value) in nothing.as_object().unwrap() {
        assert_eq!(&emptied[name], value, "{name}");
    }
    assert_eq!(emptied["name"], "联合家具");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a72_nothing_is_set_that_is_not_the_members_to_set() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let before = profile(&firm).await;
    for (name, value) in [
        ("id", json!("ten_00000000000000000000000000")),
        ("tenant_id", json!("ten_00000000000000000000000000")),
        ("status", json!("suspended")),
        ("verification", json!("verified")),
        ("verified", json!(true)),
        ("role", json!("owner")),
        ("balance", json!(1_000_000)),
        ("plan", json!("pro")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("closed_at", json!("2020-01-01T00:00:00Z")),
        ("version", json!(7)),
        ("warnings", json!([])),
    ] {
        let body = json!({ "name": "Changed", name: value });
        firm.owner.patch("/v1/tenant", body).send().await.problem(422, "validation_failed");
    }
    assert_eq!(profile(&firm).await, before);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_names_have_their_bounds() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let keys = |count: usize| (0..count).map(|n| (format!("k{n}"), "v".to_owned())).collect::<BTreeMap<_, _>>();
    let one = |key: usize, value: usize| BTreeMap::from([("k".repeat(key), "茶".repeat(value))]);
    for (metadata, status) in
        [(keys(50), 200), (keys(51), 422), (one(1, 500), 200), (one(1, 501), 422), (one(501, 1), 422)]
    {
        let answer = firm.owner.patch("/v1/tenant", json!({ "metadata": metadata })).send().await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    for slug in ["ab", "-abc", "abc-", "a--b", "Abc", "admin", "茶业", &"a".repeat(61)] {
        firm.owner.patch("/v1/tenant", json!({ "slug": slug })).send().await.problem(422, "validation_failed");
    }
    for (name, value) in [
        ("name", json!(" ")),
        ("name", json!("x".repeat(201))),
        ("locale", json!("fr")),
        ("time_zone", json!("Mars/Base")),
        ("currency", json!("XXX")),
        ("address", json!({ "name": "李四" })),
        ("support_access", json!("yes")),
    ] {
        let answer = firm.owner.patch("/v1/tenant", json!({ name: value })).unchecked().send().await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_is_one_firms_and_free_once_it_is_given_up() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    tea.publishes("凤凰单丛", 12_800, Some(5)).await;
    let take = |firm: &Firm, slug: &str| firm.owner.patch("/v1/tenant", json!({ "slug": slug })).send();
    for round in 0..5 {
        let wanted = format!("wanted-{round}");
        let (one, two) = futures_util::future::join(take(&tea, &wanted), take(&parts, &wanted)).await;
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.text(), two.text());
    }
    assert_eq!(take(&tea, "tea-house").await.status, 200);
    take(&parts, "tea-house").await.problem(409, "slug_taken");
    assert_eq!(take(&tea, "tea-palace").await.status, 200);
    assert_eq!(take(&parts, "tea-house").await.status, 200, "what was given up is free");
    let seller = app.visitor().get("/v1/market/sellers/tea-palace").ok().await;
    assert_eq!(seller["id"], tea.id);
    app.visitor().get("/v1/market/sellers/tea-house").send().await.problem(404, "not_found");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t22_a_token_works_in_its_own_firm_with_the_role_held_there() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let product = parts.owner.post("/v1/products", tests::product("电阻", "R-1", 100, Some(3))).ok().await;
    parts.owner.post("/v1/invitations", json!({ "email": tea.email, "role": "viewer" })).ok().await;
    app.run_jobs().await;
    let token = app.token_from_mail(&tea.email);
    app.visitor().post("/v1/invitations/accept", json!({ "token": token })).ok().await;
    let tokens = tea.owner.post("/v1/auth/switch-tenant", json!({ "tenant_id": parts.id })).ok().await;
    let guest = app.visitor().with_token(text(&tokens, "/access_token"));

    let path = format!("/v1/products/{}", text(&product, "/id"));
    tea.owner.get(&path).send().await.problem(404, "not_found");
    for name in ["x-tenant", "x-tenant-id", "tenant"] {
        let tried = tea.owner.get(&path).header(name, &parts.id).send().await;
        tried.problem(404, "not_found");
    }
    guest.get(&path).ok().await;
    assert_eq!(guest.get("/v1/me").ok().await["role"], "viewer");
    assert_eq!(tea.owner.get("/v1/me").ok().await["role"], "owner");
    guest.patch("/v1/tenant", json!({ "name": "Mine" })).send().await.problem(403, "permission_denied");
    tea.owner.patch("/v1/tenant", json!({ "name": "Mine" })).ok().await;

    let theirs = super::member(&parts, &tea.email).await;
    let member = format!("/v1/members/{}", text(&theirs, "/id"));
    tea.owner.patch(&member, json!({ "role": "admin" })).send().await.problem(404, "not_found");
    assert_eq!(parts.owner.delete(&member).send().await.status, 204);
    guest.get(&path).send().await.problem(401, "unauthenticated");
    tea.owner.get("/v1/me").ok().await;
    app.run_jobs().await;
}
