//! The tree of categories with what it asks of products, and collections.

use serde_json::{Value, json};
use tests::{Client, TestApp};

fn path(kind: &str, of: &Value) -> String {
    format!("/v1/{kind}/{}", of["id"].as_str().unwrap())
}

async fn category(owner: &Client, name: &str, parent: Option<&Value>, attributes: Value) -> Value {
    let mut body = json!({ "name": name, "attributes": attributes });
    if let Some(parent) = parent {
        body["parent_id"] = parent["id"].clone();
    }
    owner.post("/v1/categories", body).ok().await
}

fn wood() -> Value {
    json!([{ "key": "木材", "name": "木材", "kind": "enum", "values": ["橡木", "胡桃木"], "required": true },
        { "key": "甲醛", "name": "甲醛释放量", "kind": "number", "unit": "mg/L" }])
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_held_to_what_their_category_and_those_above_ask() {
    let app = TestApp::start().await;
    let firm = app.firm("wood-foshan").await;
    let owner = &firm.owner;
    let furniture = category(owner, "家具", None, wood()).await;
    let folds = json!([{ "key": "可折叠", "name": "可折叠", "kind": "boolean", "required": true }]);
    let tables = category(owner, "餐桌", Some(&furniture), folds).await;
    assert_eq!(tables["path"], json!([furniture["id"], tables["id"]]));
    assert_eq!(tables["inherited_attributes"].as_array().unwrap().len(), 2);

    let mut body = tests::product("实木餐桌", "T-1", 250_000, Some(4));
    body["category_id"] = tables["id"].clone();
    body["attributes"] = json!({ "木材": "塑料", "甲醛": "少", "产地": "佛山" });
    let refused = owner.post("/v1/products", body.clone()).send().await.problem(422, "validation_failed");
    let told: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|error| (&error["pointer"], &error["code"])).collect();
    assert_eq!(
        told,
        [(&json!("/attributes/木材"), &json!("wrong_kind")), (&json!("/attributes/甲醛"), &json!("wrong_kind"))]
    );

    // A draft may lack what is required, a published product may not.
    body["attributes"] = json!({ "木材": "橡木", "产地": "佛山" });
    let draft = owner.post("/v1/products", body).ok().await;
    let publish = format!("{}/publish", path("products", &draft));
    let refused = owner.post(&publish, json!({})).send().await.problem(422, "validation_failed");
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&json!("/attributes/可折叠"), &json!("required"))
    );
    let complete = json!({ "attributes": { "木材": "橡木", "可折叠": true } });
    owner.patch(path("products", &draft), complete).ok().await;
    owner.post(&publish, json!({})).ok().await;
    let less = owner.patch(path("products", &draft), json!({ "attributes": { "木材": "橡木" } })).send().await;
    less.problem(422, "validation_failed");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tree_is_changed_moved_and_deleted_and_never_lies_in_itself() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let owner = &firm.owner;
    let top = category(owner, "家具", None, json!([])).await;
    let middle = category(owner, "桌", Some(&top), json!([])).await;
    let leaf = category(owner, "餐桌", Some(&middle), json!([])).await;
    let refused = owner.patch(path("categories", &top), json!({ "parent_id": leaf["id"] })).send().await;
    assert_eq!(refused.problem(422, "validation_failed")["errors"][0]["code"], "in_itself");
    let moved = owner.patch(path("categories", &middle), json!({ "parent_id": null, "name": "桌子" })).ok().await;
    assert_eq!((&moved["path"], &moved["version"]), (&json!([middle["id"]]), &json!(2)));
    let below = owner.get(path("categories", &leaf)).ok().await;
    assert_eq!(below["path"], json!([middle["id"], leaf["id"]]));
    let stale = owner.patch(path("categories", &middle), json!({ "name": "X" })).header("if-match", "\"1\"");
    stale.send().await.problem(412, "precondition_failed");
    let used = owner.delete(path("categories", &middle)).send().await.problem(409, "in_use");
    assert_eq!(used["used_by"], json!([leaf["id"]]));
    other.owner.patch(path("categories", &leaf), json!({ "name": "X" })).send().await.problem(404, "not_found");
    assert_eq!(owner.delete(path("categories", &leaf)).send().await.status, 204);
    owner.get(path("categories", &leaf)).send().await.problem(404, "not_found");
    app.run_jobs().await;
}

/// Two categories that are moved into each other at once: one move comes too late.
#[tokio::test(flavor = "multi_thread")]
async fn moves_at_once_leave_a_tree() {
    let app = TestApp::start().await;
    let firm = app.firm("wood-foshan").await;
    let owner = &firm.owner;
    for round in 0..5 {
        let a = category(owner, &format!("A{round}"), None, json!([])).await;
        let b = category(owner, &format!("B{round}"), None, json!([])).await;
        let (into_b, into_a) = tokio::join!(
            owner.patch(path("categories", &a), json!({ "parent_id": b["id"] })).send(),
            owner.patch(path("categories", &b), json!({ "parent_id": a["id"] })).send(),
        );
        let mut statuses = [into_b.status, into_a.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    }
    assert_eq!(
        app.count("SELECT count(*) FROM categories WHERE path[cardinality(path)] <> id OR cardinality(path) > 2"),
        0
    );
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_keep_the_order_of_their_products() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let owner = &firm.owner;
    let mut ids = Vec::new();
    for title in ["A", "B", "C"] {
        ids.push(owner.post("/v1/products", tests::product(title, title, 100, None)).ok().await["id"].clone());
    }
    let body = json!({ "name": "新品", "products": [ids[2], ids[0]] });
    let made = owner.post("/v1/collections", body).ok().await;
    assert_eq!(made["products"], json!([ids[2], ids[0]]));
    let changed = owner.patch(path("collections", &made), json!({ "products": [ids[1], ids[2], ids[0]] })).ok().await;
    assert_eq!(owner.get("/v1/collections").ok().await["data"], json!([changed]));
    let foreign = other.owner.post("/v1/products", tests::product("D", "D", 100, None)).ok().await["id"].clone();
    for (products, pointer, code) in
        [(json!([ids[0], foreign]), "/products/1", "unknown"), (json!([ids[0], ids[0]]), "/products/1", "duplicate")]
    {
        let refused = owner.patch(path("collections", &made), json!({ "products": products })).send().await;
        let refused = refused.problem(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
    }
    other.owner.get(path("collections", &made)).send().await.problem(404, "not_found");
    assert_eq!(owner.delete(path("collections", &made)).send().await.status, 204);
    app.run_jobs().await;
}
