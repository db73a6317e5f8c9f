//! What a key may be allowed, by whom, and when.

use super::grow_stale;
use serde_json::json;
use tests::{Client, Firm, TestApp};

/// A member whose address is verified.
async fn verified(app: &TestApp, firm: &Firm, role: &str) -> Client {
    let client = app.member(firm, role).await;
    app.database.sql("UPDATE users SET email_verified_at = now() WHERE email_verified_at IS NULL");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_a_key_more_than_they_have_nor_gets_it_by_a_wider_key() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let developer = verified(&app, &firm, "developer").await;
    let sales = verified(&app, &firm, "sales").await;
    let body = |scopes: &[&str]| json!({ "name": "x", "scopes": scopes });
    sales.post("/v1/api-keys", body(&["orders:read"])).send().await.problem(403, "permission_denied");
    let refused = developer.post("/v1/api-keys", body(&["catalogue:read", "orders:write"])).send().await;
    assert_eq!(refused.problem(403, "scope_not_yours")["permission"], "orders:write");
    let own = developer.post("/v1/api-keys", body(&["catalogue:read"])).ok().await;
    let own = format!("/v1/api-keys/{}", own["id"].as_str().unwrap());
    developer.patch(&own, json!({ "scopes": ["catalogue:write"] })).ok().await;
    developer.patch(&own, json!({ "scopes": ["payments:write"] })).send().await.problem(403, "scope_not_yours");

    // The owner's key can do more than the developer: no new secret of it, and no wider use, for them.
    let wide = firm
        .program_with(json!({ "name": "x", "scopes": ["orders:read", "orders:write"],
        "ip_allow_list": ["10.0.0.0/8"], "expires_at": "2026-12-01T00:00:00Z" }))
        .await;
    developer.post(format!("{}/rotate", wide.path()), json!({})).send().await.problem(403, "scope_not_yours");
    for wider in
        [json!({ "ip_allow_list": [] }), json!({ "expires_at": null }), json!({ "ip_allow_list": ["10.0.0.0/7"] })]
    {
        developer.patch(wide.path(), wider).send().await.problem(403, "scope_not_yours");
    }
    developer
        .patch(wide.path(), json!({ "scopes": ["orders:read"], "name": "y", "ip_allow_list": ["10.1.0.0/16"] }))
        .ok()
        .await;
    assert_eq!(developer.delete(wide.path()).send().await.status, 204);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn making_rotating_and_widening_need_a_fresh_session() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let key = firm
        .program_with(json!({ "name": "x", "scopes": ["catalogue:read", "files:read"],
        "ip_allow_list": ["127.0.0.1"], "expires_at": "2026-12-01T00:00:00Z" }))
        .await;
    grow_stale(&app);
    let body = json!({ "name": "x", "scopes": ["catalogue:read"] });
    firm.owner.post("/v1/api-keys", body).send().await.problem(403, "step_up_required");
    firm.owner.post(format!("{}/rotate", key.path()), json!({})).send().await.problem(403, "step_up_required");
    for wider in [
        json!({ "scopes": ["catalogue:read", "catalogue:write"] }),
        json!({ "scopes": ["catalogue:write"] }),
        json!({ "expires_at": "2026-12-01T00:00:01Z" }),
        json!({ "expires_at": null }),
        json!({ "ip_allow_list": [] }),
        json!({ "ip_allow_list": ["127.0.0.1", "::1"] }),
    ] {
        firm.owner.patch(key.path(), wider).send().await.problem(403, "step_up_required");
    }
    let narrower =
        json!({ "scopes": ["catalogue:read"], "expires_at": "2026-11-30T00:00:00Z", "ip_allow_list": ["127.0.0.1"] });
    firm.owner.patch(key.path(), narrower).ok().await;
    assert_eq!(firm.owner.delete(key.path()).send().await.status, 204);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn making_rotating_and_widening_need_a_verified_address() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read"]).await;
    app.database.sql("UPDATE users SET email_verified_at = NULL");
    let body = json!({ "name": "x", "scopes": ["catalogue:read"] });
    firm.owner.post("/v1/api-keys", body).send().await.problem(403, "email_not_verified");
    firm.owner.post(format!("{}/rotate", key.path()), json!({})).send().await.problem(403, "email_not_verified");
    let wider = json!({ "scopes": ["catalogue:read", "catalogue:write"] });
    firm.owner.patch(key.path(), wider).send().await.problem(403, "email_not_verified");
    firm.owner.patch(key.path(), json!({ "name": "y" })).ok().await;
    app.run_jobs().await;
}
