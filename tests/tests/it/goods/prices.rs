//! Price lists, groups of buyers and tax, as orders have them.

use kernel::{
    Clock,
    ids::{Id, TenantId},
};
use serde_json::{Value, json};
use tests::{Firm, TestApp};

async fn line(buyer: &Firm, product: &Value, quantity: i64) -> Value {
    buyer.orders(product, quantity).await["lines"][0].clone()
}

fn variant(product: &Value) -> &Value {
    &product["variants"][0]["id"]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_agreed_with_a_buyer_decides_and_the_order_keeps_why() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let shop = app.firm("shop-foshan").await;
    let product = tea.publishes("凤凰单丛", 12_800, None).await;
    let prices = json!([{ "variant_id": variant(&product), "price_minor": 11_000,
        "price_tiers": [{ "min_quantity": 10, "price_minor": 10_000 }], "max_order_quantity": 40 }]);
    let group =
        tea.owner.post("/v1/buyer-groups", json!({ "name": "老客户", "buyers": [parts.id, shop.id] })).ok().await;
    let body = json!({ "name": "老客户价", "group_id": group["id"], "prices": prices });
    let list = tea.owner.post("/v1/price-lists", body).ok().await;

    let bought = line(&parts, &product, 12).await;
    assert_eq!((&bought["unit_price_minor"], &bought["total_minor"]), (&json!(10_000), &json!(120_000)));
    let expected = json!([{ "kind": "group_price_list", "price_list_id": list["id"] },
        { "kind": "rung", "min_quantity": 10 }]);
    assert_eq!(bought["price_reasons"], expected);
    let refused = parts.tries_to_order(&product, 41).send().await.problem(422, "validation_failed");
    assert_eq!((&refused["maximum"], &refused["nearest"]), (&json!(40), &json!([40])));

    // With the buyer itself it is agreed until tomorrow; with the other one of the group it is not.
    let until = app.clock.now() + chrono::Duration::days(1);
    let own = json!({ "name": "合同 2026-01", "buyer_id": parts.id, "valid_until": until,
        "prices": [{ "variant_id": variant(&product), "price_minor": 11_900 }] });
    tea.owner.post("/v1/price-lists", own).ok().await;
    assert_eq!(line(&parts, &product, 12).await["unit_price_minor"], 11_900);
    assert_eq!(line(&shop, &product, 12).await["unit_price_minor"], 10_000);
    app.clock.advance(chrono::Duration::days(1));
    let (parts, shop, tea) =
        (app.signed_in_again(&parts).await, app.signed_in_again(&shop).await, app.signed_in_again(&tea).await);
    assert_eq!(line(&parts, &product, 12).await["unit_price_minor"], 10_000);

    // Who leaves the group pays what everybody pays.
    let path = format!("/v1/buyer-groups/{}", group["id"].as_str().unwrap());
    tea.owner.patch(&path, json!({ "buyers": [parts.id] })).ok().await;
    let bought = line(&shop, &product, 12).await;
    assert_eq!(
        (&bought["unit_price_minor"], &bought["price_reasons"]),
        (&json!(12_800), &json!([{ "kind": "own_price" }]))
    );
    let used = tea.owner.delete(&path).send().await.problem(409, "in_use");
    assert_eq!(used["used_by"], json!([list["id"]]));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tax_that_prices_contain_is_told_and_tax_on_top_is_paid() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let product = tea.publishes("凤凰单丛", 11_300, None).await;
    let path = format!("/v1/products/{}", product["id"].as_str().unwrap());
    tea.owner.patch(&path, json!({ "tax_class": "standard" })).ok().await;
    let order = parts.orders(&product, 2).await;
    let told = |order: &Value| {
        [&order["subtotal_minor"], &order["tax_minor"], &order["total_minor"], &order["lines"][0]["tax_minor"]]
            .map(|value| value.as_i64().unwrap())
    };
    assert_eq!(told(&order), [22_600, 0, 22_600, 2_600]);

    tea.owner.patch(&path, json!({ "tax_included": false })).ok().await;
    let order = parts.orders(&product, 2).await;
    assert_eq!(told(&order), [22_600, 2_938, 25_538, 2_938]);
    let tax = json!({ "kind": "tax", "class": "standard", "basis_points": 1_300, "included": false });
    assert_eq!(order["lines"][0]["price_reasons"], json!([{ "kind": "own_price" }, tax]));
    parts.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    assert_eq!(tea.sale(&order).await["escrow"], json!({ "status": "held", "held_minor": 25_538 }));
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_groups_are_made_changed_and_deleted() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let product = tea.publishes("凤凰单丛", 12_800, None).await;
    let made = tea.owner.post("/v1/price-lists", json!({ "name": "合同", "buyer_id": parts.id })).ok().await;
    let path = format!("/v1/price-lists/{}", made["id"].as_str().unwrap());
    assert_eq!(made, tea.owner.get(&path).ok().await);
    let prices =
        json!([{ "variant_id": variant(&product), "price_minor": 9_900, "price_tiers": [] , "price_may_rise": false }]);
    let changed = tea.owner.patch(&path, json!({ "prices": prices })).header("if-match", "\"1\"").ok().await;
    assert_eq!((&changed["version"], &changed["prices"]), (&json!(2), &prices));
    tea.owner
        .patch(&path, json!({ "name": "合同 B" }))
        .header("if-match", "\"1\"")
        .send()
        .await
        .problem(412, "precondition_failed");
    tea.owner.post("/v1/price-lists", json!({ "name": "合同" })).send().await.problem(409, "name_taken");
    assert_eq!(line(&parts, &product, 1).await["unit_price_minor"], 9_900);
    let one =
        format!("/v1/products/{}/variants/{}", product["id"].as_str().unwrap(), variant(&product).as_str().unwrap());
    tea.owner.patch(one, json!({ "currency": "USD" })).ok().await;
    assert_eq!(line(&parts, &product, 1).await["unit_price_minor"], 12_800, "nothing is agreed in this currency");
    tea.owner.patch(&path, json!({ "prices": prices })).ok().await;
    assert_eq!(line(&parts, &product, 1).await["unit_price_minor"], 9_900, "the same number, agreed anew");
    let list = tea.owner.get("/v1/price-lists").ok().await;
    assert_eq!((&list["data"][0]["id"], list["data"][0].get("prices")), (&made["id"], None));
    tea.owner.delete(&path).send().await;
    tea.owner.get(&path).send().await.problem(404, "not_found");
    assert_eq!(line(&parts, &product, 1).await["unit_price_minor"], 12_800);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_lists_name_their_faults() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let foreign = parts.publishes("连接器", 300, None).await;
    let own = tea.publishes("凤凰单丛", 12_800, None).await;
    let group = parts.owner.post("/v1/buyer-groups", json!({ "name": "X" })).ok().await;
    let wrong = [
        (json!({ "name": " " }), "/name", "too_short"),
        (
            json!({ "name": "A", "valid_from": "2026-02-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z" }),
            "/valid_until",
            "ends_before_it_begins",
        ),
        (json!({ "name": "A", "buyer_id": parts.id, "group_id": group["id"] }), "/buyer_id", "buyer_and_group"),
        (json!({ "name": "A", "group_id": group["id"] }), "/group_id", "unknown"),
        (
            json!({ "name": "A", "prices": [{ "variant_id": variant(&foreign), "price_minor": 1 }] }),
            "/prices/0/variant_id",
            "unknown",
        ),
        (
            json!({ "name": "A", "prices": [{ "variant_id": variant(&own), "price_minor": 5,
            "price_tiers": [{ "min_quantity": 2, "price_minor": 6 }] }] }),
            "/prices/0/price_tiers/0/price_minor",
            "rising_price",
        ),
        (
            json!({ "name": "A", "prices": [{ "variant_id": variant(&own), "price_minor": 5, "min_order_quantity": 7,
            "order_increment": 5 }] }),
            "/prices/0/min_order_quantity",
            "not_a_multiple",
        ),
    ];
    for (body, pointer, code) in wrong {
        let refused = tea.owner.post("/v1/price-lists", body).send().await.problem(422, "validation_failed");
        let first = &refused["errors"][0];
        assert_eq!(
            (first["pointer"].as_str().unwrap().trim_start_matches('#'), &first["code"]),
            (pointer, &json!(code))
        );
    }
    app.run_jobs().await;
}

/// Whether a firm exists is told to nobody who names it.
#[tokio::test(flavor = "multi_thread")]
async fn whom_a_seller_names_need_not_exist() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let nobody = TenantId::new(app.clock.now()).to_string();
    let mut told = Vec::new();
    for (name, id) in [("A", parts.id.as_str()), ("B", nobody.as_str())] {
        let group = tea.owner.post("/v1/buyer-groups", json!({ "name": name, "buyers": [id] })).ok().await;
        let list = tea.owner.post("/v1/price-lists", json!({ "name": name, "buyer_id": id })).ok().await;
        assert_eq!((&group["buyers"], &list["buyer_id"]), (&json!([id]), &json!(id)));
        told.push([group.as_object().unwrap().len(), list.as_object().unwrap().len()]);
    }
    assert_eq!(told[0], told[1]);
    app.run_jobs().await;
}
