//! Every write that succeeds is in an audit log. The harness looks after each test of the suite; here as much is written as the
//! document alone allows, so that a new operation is tried without anybody thinking of it.

use super::{
    crawl::{Known, crawl},
    requests::{Operation, nobodys},
};
use auth::totp::TotpSecret;
use kernel::{
    Clock,
    ids::{Id, RequestId},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{Firm, PASSWORD, TestApp, unaudited};

fn writes() -> impl Iterator<Item = Operation> {
    Operation::all().filter(|operation| !matches!(operation.method(), Method::GET | Method::HEAD))
}

#[test]
fn what_leaves_no_row_is_a_write_that_exists_and_has_a_reason() {
    let documented: BTreeSet<_> = writes().map(|operation| operation.id()).collect();
    for (operation, reason) in unaudited() {
        assert!(documented.contains(operation.as_str()), "{operation} in unaudited.toml writes nothing");
        assert!(reason.split_whitespace().count() > 5, "{operation}: `{reason}` is no reason");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_succeeds_leaves_a_row_with_its_request() {
    let app = TestApp::start().await;
    let (seller, _) = crate::trade::a_completed_sale(&app).await;
    let administrator = app.administrator().await;
    let mut known = Known::default();
    crawl(&seller.owner, &mut known).await;
    let own = |kind: &str| known.of(kind).last().cloned().unwrap_or_else(|| nobodys(kind));
    let mut succeeded = BTreeMap::new();
    // What ends the session of the one who asks comes last.
    let (last, first): (Vec<_>, Vec<_>) = writes().partition(|operation| operation.id().contains("log_out"));
    for operation in first.iter().chain(&last).filter(|operation| !operation.template.contains("close")) {
        let client = if operation.template.starts_with("/admin/") { &administrator } else { &seller.owner };
        let answer = operation.send(client, &operation.path(&own), operation.body("", &own)).await;
        assert!(answer.status < 500, "{}: {}", operation.id(), answer.text());
        if answer.status < 300 {
            *succeeded.entry(operation.id()).or_insert(0) += 1;
        }
    }
    assert!(succeeded.len() > 5, "only {succeeded:?} succeeded");
    app.run_jobs_that_may_fail().await;
    // The harness compares requests with rows when `app` is dropped.
}

/// What leaves no row where nothing changes leaves one where something does.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_leaves_a_row_and_the_same_again_none() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let owner = &firm.owner;
    let made = owner.post("/v1/products", tests::product("凤凰单丛", "T-1", 12_800, None)).ok().await;
    let role = owner.post("/v1/roles", json!({ "name": "仓库", "permissions": ["orders:read"] })).ok().await;
    owner.post("/v1/buckets", json!({ "name": "films" })).ok().await;
    let key = firm.program(&["catalogue:read"]).await.path();
    app.member(&firm, "viewer").await;
    let members = owner.get("/v1/members").ok().await;
    let member = members["data"].as_array().unwrap().iter().find(|member| member["role"] == "viewer").unwrap();
    let path = |kind: &str, of: &Value| format!("/v1/{kind}/{}", of["id"].as_str().unwrap());
    let put = owner.request(Method::PUT, "/v1/buckets/films/files/label.txt").bytes("label");
    let file = put.ok().await;
    let group = owner.post("/v1/buyer-groups", json!({ "name": "老客户" })).ok().await;
    let list = owner.post("/v1/price-lists", json!({ "name": "合同价" })).ok().await;
    let variant = format!("{}/variants/{}", path("products", &made), made["variants"][0]["id"].as_str().unwrap());
    let shelf = owner.post("/v1/categories", json!({ "name": "茶" })).ok().await;
    let collection = owner.post("/v1/collections", json!({ "name": "新品" })).ok().await;
    let location = owner.post("/v1/locations", json!({ "name": "潮州仓" })).ok().await;
    let changes = [
        (path("categories", &shelf), json!({ "name": "茶叶" })),
        (path("collections", &collection), json!({ "description": "春茶" })),
        (path("locations", &location), json!({ "name": "深圳仓" })),
        (path("buyer-groups", &group), json!({ "name": "新客户" })),
        (path("price-lists", &list), json!({ "valid_until": "2030-01-01T00:00:00Z" })),
        (variant, json!({ "price_minor": 12_700 })),
        ("/v1/buckets/films".to_owned(), json!({ "trash_days": 7 })),
        (path("files", &file), json!({ "tags": ["茶"], "metadata": { "po": "4711" } })),
        ("/v1/tenant".to_owned(), json!({ "name": "云山茶业" })),
        ("/v1/me".to_owned(), json!({ "display_name": "林梅" })),
        (path("products", &made), json!({ "title": "铁观音" })),
        (path("roles", &role), json!({ "permissions": ["files:read"] })),
        (path("members", member), json!({ "role": "sales" })),
        (key, json!({ "name": "shop" })),
    ];
    let rows = || app.count("SELECT count(*) FROM audit_log WHERE action <> 'audit_log.read'");
    for (path, body) in &changes {
        let before = rows();
        owner.patch(path, body.clone()).ok().await;
        let told = rows();
        assert!(told > before, "a change of {path}");
        owner.patch(path, body.clone()).ok().await;
        assert_eq!(rows(), told, "the same of {path} again");
    }
    let before = rows();
    for _ in 0..2 {
        let put = owner.request(Method::PUT, "/v1/buckets/films/files/tea.txt").bytes("tea");
        assert!(put.send().await.status < 300);
        assert_eq!(rows(), before + 1, "the same bytes again");
    }
    app.run_jobs().await;
}

/// What ends something, or confirms it for good, leaves a row with its request; the same again finds it done and leaves none.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_for_good_leaves_a_row_once() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let order = shipped(&app, &seller, &buyer).await;
    let key = seller.program(&["catalogue:read"]).await.path();
    let log_in = json!({ "email": seller.email, "password": PASSWORD });
    app.visitor().post("/v1/auth/log-in", log_in).ok().await;
    let begun = seller.owner.post("/v1/me/totp", json!({})).ok().await;
    let secret = TotpSecret::from_base32(begun["secret"].as_str().unwrap()).unwrap();
    let code = json!({ "code": secret.code(app.clock.now()).unwrap() });
    let others = app.visitor().post("/v1/auth/log-in", json!({ "email": buyer.email, "password": PASSWORD }));
    others.ok().await;
    seller.owner.post("/v1/me/totp/confirm", code).ok().await;
    let deeds = [
        (&seller, Method::DELETE, key),
        (&seller, Method::DELETE, "/v1/me/totp".to_owned()),
        (&buyer, Method::POST, "/v1/me/sessions/revoke-others".to_owned()),
        (&buyer, Method::POST, format!("/v1/purchases/{order}/confirm-receipt")),
    ];
    for (firm, method, path) in &deeds {
        for expected in [true, false] {
            // Each request has a key of its own.
            let answer = firm
                .owner
                .request(method.clone(), path)
                .json(json!({}))
                .key(&format!("{path} {expected}"))
                .send()
                .await;
            assert!(answer.status < 300, "{path}: {}", answer.text());
            let request: RequestId = answer.header("x-request-id").parse().unwrap();
            let rows = format!("SELECT count(*) FROM audit_log WHERE request_id = '{}'", request.uuid());
            assert_eq!(app.count(&rows) > 0, expected, "{method} {path}");
        }
    }
    app.run_jobs().await;
}

/// An order that is paid and sent, by its id.
async fn shipped(app: &TestApp, seller: &Firm, buyer: &Firm) -> String {
    let product = seller.publishes("凤凰单丛", 12_800, Some(10)).await;
    let order = buyer.orders(&product, 2).await;
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    let id = order["id"].as_str().unwrap().to_owned();
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1234567890" });
    seller.owner.post(format!("/v1/orders/{id}/shipments"), shipment).ok().await;
    id
}
