//! Making, reading, changing and revoking keys.

use serde_json::{Value, json};
use tests::{TestApp, product};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_shows_its_secret_once_and_opens_what_its_scopes_name() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let body = json!({ "name": " ERP ", "scopes": ["catalogue:write", "catalogue:read", "catalogue:read"],
        "ip_allow_list": ["127.0.0.1", "2001:db8::7/32"], "expires_at": "2027-01-01T00:00:00Z" });
    let made = firm.owner.post("/v1/api-keys", body).send().await;
    assert_eq!(made.status, 201);
    let made = made.value();
    let secret = made["secret"].as_str().unwrap().to_owned();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["prefix"], format!("sk_live_{}", id.trim_start_matches("key_")));
    assert!(secret.starts_with(made["prefix"].as_str().unwrap()) && secret.ends_with(made["last4"].as_str().unwrap()));
    assert_eq!((&made["name"], &made["status"]), (&json!("ERP"), &json!("active")));
    assert_eq!(made["scopes"], json!(["catalogue:read", "catalogue:write"]));
    assert_eq!(made["ip_allow_list"], json!(["127.0.0.1/32", "2001:db8::/32"]));
    let me = firm.owner.get("/v1/me").ok().await;
    assert_eq!(made["created_by"], me["user"]["id"]);

    let path = format!("/v1/api-keys/{id}");
    let shown = firm.owner.get(&path).ok().await;
    let listed = firm.owner.get("/v1/api-keys").ok().await["data"][0].clone();
    let mut without = made.clone();
    without.as_object_mut().unwrap().remove("secret");
    assert_eq!((&shown, &listed), (&without, &without));

    let program = app.visitor().with_token(&secret);
    let created = program.post("/v1/products", product("茶", "T-1", 100, None)).ok().await;
    assert_eq!(program.get("/v1/products").ok().await["data"][0]["id"], created["id"]);
    program.get("/v1/orders").send().await.problem(403, "permission_denied");
    program.get("/v1/me").send().await.problem(403, "people_only");
    program.get("/v1/api-keys").send().await.problem(403, "people_only");

    let rows = firm.owner.get(format!("/v1/audit-log?actor={id}&action=product.created")).ok().await;
    assert_eq!(rows["data"][0]["action"], "product.created");
    assert_eq!(rows["data"][0]["actor"], json!({ "kind": "api_key", "id": id, "session_id": null }));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_and_revoked_and_the_firms_logs_say_so() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read", "files:read"]).await;
    let seen = firm.owner.get(key.path()).send().await;
    let tag = seen.header("etag").to_owned();
    let narrow = json!({ "name": "shop", "scopes": ["catalogue:read"], "expires_at": "2026-12-01T00:00:00Z" });
    let changed = firm.owner.patch(key.path(), narrow).header("if-match", &tag).ok().await;
    assert_eq!((&changed["name"], &changed["scopes"]), (&json!("shop"), &json!(["catalogue:read"])));
    let again = firm.owner.patch(key.path(), json!({ "name": "x" })).header("if-match", &tag).send().await;
    again.problem(412, "precondition_failed");
    assert!(super::opens(&key.client).await);
    key.client.get("/v1/buckets").send().await.problem(403, "permission_denied");

    for _ in 0..2 {
        assert_eq!(firm.owner.delete(key.path()).send().await.status, 204);
        key.client.get("/v1/products").send().await.problem(401, "unauthenticated");
    }
    let shown = firm.owner.get(key.path()).ok().await;
    assert_eq!(shown["status"], "revoked");
    firm.owner.patch(key.path(), json!({ "name": "x" })).send().await.problem(409, "api_key_revoked");
    firm.owner.post(format!("{}/rotate", key.path()), json!({})).send().await.problem(409, "api_key_revoked");

    let types = firm.event_types().await;
    let of_keys: Vec<_> = types.iter().filter(|kind| kind.starts_with("api_key.")).collect();
    assert_eq!(of_keys, ["api_key.created", "api_key.revoked"]);
    let rows = firm.owner.get(format!("/v1/audit-log?object={}", key.id)).ok().await;
    let actions: Vec<_> = rows["data"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["api_key.revoked", "api_key.updated", "api_key.created"]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_by_name() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read"]).await;
    let sound = json!({ "name": "ERP", "scopes": ["catalogue:read"] });
    let networks: Vec<_> = (0..51).map(|at| format!("10.0.0.{at}")).collect();
    for (field, value, pointer) in [
        ("name", json!(""), "/name"),
        ("name", json!("x".repeat(201)), "/name"),
        ("scopes", json!([]), "/scopes"),
        ("scopes", json!(["everything"]), "/scopes/0"),
        ("scopes", json!(["catalogue:read", "tenants:admin"]), "/scopes"),
        ("scopes", json!(["api_keys:write"]), "/scopes"),
        ("expires_at", json!("2026-11-02T02:00:00Z"), "/expires_at"),
        ("expires_at", json!("tomorrow"), "/expires_at"),
        ("ip_allow_list", json!(["10.0.0.0/8", "10.0.0.0/33"]), "/ip_allow_list/1"),
        ("ip_allow_list", json!(networks), "/ip_allow_list"),
        ("secret", json!("sk_live_mine"), "/secret"),
    ] {
        let mut body = sound.clone();
        body[field] = value.clone();
        for answer in [
            firm.owner.post("/v1/api-keys", body).send().await,
            firm.owner.patch(key.path(), json!({ field: value })).send().await,
        ] {
            let problem = answer.problem(422, "validation_failed");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem:#}");
        }
    }
    for body in [json!({ "overlap_seconds": 604_801 }), json!({ "overlap_seconds": -1 }), json!({ "overlap": 1 })] {
        let answer = firm.owner.post(format!("{}/rotate", key.path()), body).send().await;
        answer.problem(422, "validation_failed");
    }
    assert_eq!(firm.owner.get("/v1/api-keys").ok().await["data"].as_array().map(Vec::len), Some(1));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_another_firm_are_keys_that_nobody_has() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let key = firm.program(&["catalogue:read"]).await;
    let rotate = format!("{}/rotate", key.path());
    for answer in [
        other.owner.get(key.path()).send().await,
        other.owner.patch(key.path(), json!({ "name": "mine" })).send().await,
        other.owner.post(rotate, json!({ "overlap_seconds": 0 })).send().await,
        other.owner.delete(key.path()).send().await,
    ] {
        answer.problem(404, "not_found");
    }
    assert_eq!(other.owner.get("/v1/api-keys").ok().await["data"], json!([]));
    assert!(super::opens(&key.client).await);

    // A program sees its own firm, whatever it asks for.
    let theirs = other.publishes("蓝牙耳机", 9_900, Some(4)).await;
    let path = format!("/v1/products/{}", theirs["id"].as_str().unwrap());
    key.client.get(path).send().await.problem(404, "not_found");
    assert_eq!(key.client.get("/v1/products").ok().await["data"], Value::Array(Vec::new()));
    app.run_jobs().await;
}
