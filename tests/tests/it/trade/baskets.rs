//! What may stand in one purchase, and what a refused one leaves behind: nothing.

use serde_json::{Value, json};
use tests::{Answer, Firm, TestApp, address, product};

fn line(product: &Value, quantity: i64) -> Value {
    json!({ "variant_id": product["variants"][0]["id"], "quantity": quantity })
}

async fn tries(buyer: &Firm, lines: &[Value]) -> Answer {
    let body = json!({ "lines": lines, "shipping_address": address() });
    buyer.owner.post("/v1/purchases", body).send().await
}

/// The refusal of one field: its pointer and code.
fn refusal(answer: &Answer) -> (String, String) {
    let error = answer.problem(422, "validation_failed")["errors"][0].clone();
    let text = |name: &str| error[name].as_str().unwrap().trim_start_matches('#').to_owned();
    (text("pointer"), text("code"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sellers_in_one_purchase_get_an_order_each() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let buyer = app.firm("furniture-foshan").await;
    let (one, other) =
        (tea.publishes("凤凰单丛", 12_800, Some(5)).await, parts.publishes("耳机", 9_900, Some(5)).await);
    let placed = tries(&buyer, &[line(&one, 2), line(&other, 1)]).await;
    assert_eq!(placed.status, 201, "{}", placed.text());
    let orders = placed.value()["orders"].as_array().unwrap().clone();
    assert_eq!(orders.len(), 2);
    for (seller, total) in [(&tea, 25_600), (&parts, 9_900)] {
        let order = orders.iter().find(|order| order["seller"]["id"] == seller.id.as_str()).expect("an order each");
        assert_eq!(order["total_minor"], total);
        let listed = seller.owner.get("/v1/orders").ok().await;
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(listed["data"][0]["id"], order["id"]);
        let others = orders.iter().find(|order| order["seller"]["id"] != seller.id.as_str()).unwrap();
        let path = format!("/v1/orders/{}", others["id"].as_str().unwrap());
        seller.owner.get(path).send().await.problem(404, "not_found");
    }
    assert_eq!(buyer.owner.get("/v1/purchases").ok().await["data"].as_array().map(Vec::len), Some(2));
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_out_of_stock_leaves_nothing_behind_at_either_seller() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let buyer = app.firm("furniture-foshan").await;
    let (one, other) =
        (tea.publishes("凤凰单丛", 12_800, Some(5)).await, parts.publishes("耳机", 9_900, Some(5)).await);
    app.run_jobs().await;
    let rows = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_parties)
        + (SELECT count(*) FROM stock_reservations) + (SELECT count(*) FROM order_counters) AS count";
    let traces = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM jobs WHERE state <> 'dead') AS count";
    let before = app.count(traces);
    // Whichever seller comes first by id, the other's shortage must undo it.
    for lines in [[line(&one, 6), line(&other, 1)], [line(&one, 1), line(&other, 6)]] {
        let refused = tries(&buyer, &lines).await.problem(409, "out_of_stock");
        assert_eq!(refused["available"], 5);
    }
    assert_eq!((app.count(rows), app.count(traces)), (0, before));
    let placed = tries(&buyer, &[line(&one, 5), line(&other, 5)]).await;
    assert_eq!(placed.status, 201, "all units are still there: {}", placed.text());
    for order in placed.value()["orders"].as_array().unwrap() {
        assert!(order["number"].as_str().unwrap().ends_with('1'), "the first number is still free: {order:#}");
    }
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_bought_is_named_with_its_line() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let good = seller.publishes("凤凰单丛", 12_800, None).await;
    let own = buyer.publishes("耳机", 9_900, Some(5)).await;
    let draft = seller.owner.post("/v1/products", product("草稿", "DRAFT-1", 100, Some(5))).ok().await;
    let mut wholesale = product("批发", "BULK-1", 100, Some(500));
    wholesale["variants"][0]["min_order_quantity"] = 20.into();
    wholesale["variants"][0]["order_increment"] = 10.into();
    let wholesale = seller.owner.post("/v1/products", wholesale).ok().await;
    let publish = format!("/v1/products/{}/publish", wholesale["id"].as_str().unwrap());
    seller.owner.post(publish, json!({})).ok().await;
    let unknown = json!({ "variant_id": "var_00000000000000000000000000", "quantity": 1 });
    let says = |line: usize, field: &str, code: &str| (format!("/lines/{line}/{field}"), code.to_owned());

    let cases = [
        ([line(&good, 1), line(&own, 1)], says(1, "variant_id", "own_product")),
        ([line(&good, 1), line(&draft, 1)], says(1, "variant_id", "not_on_sale")),
        ([line(&good, 1), line(&good, 2)], says(1, "variant_id", "repeated")),
        ([line(&good, 1), line(&wholesale, 10)], says(1, "quantity", "quantity_not_offered")),
        ([line(&good, 1), line(&wholesale, 25)], says(1, "quantity", "quantity_not_offered")),
        ([line(&wholesale, 20), line(&good, i64::MAX)], ("/lines".into(), "value_not_payable".into())),
    ];
    for (lines, expected) in cases {
        assert_eq!(refusal(&tries(&buyer, &lines).await), expected, "{lines:?}");
    }
    let nearest = tries(&buyer, &[line(&wholesale, 25)]).await.problem(422, "validation_failed");
    assert_eq!((&nearest["minimum"], &nearest["nearest"]), (&json!(20), &json!([20, 30])));
    let missing = tries(&buyer, &[unknown]).await;
    assert!(matches!(missing.status, 400 | 422), "{}", missing.text());
    let too_many: Vec<Value> = (0..101).map(|_| line(&good, 1)).collect();
    for lines in [vec![], vec![line(&good, 0)], vec![line(&good, -1)], too_many] {
        tries(&buyer, &lines).await.problem(422, "validation_failed");
    }
    assert_eq!(app.count("SELECT count(*) FROM orders"), 0);
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cheap_product_without_a_count_cannot_be_blocked_by_one_huge_order() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let sticker = seller.publishes("贴纸", 1, None).await;
    let refused = tries(&buyer, &[line(&sticker, i64::MAX)]).await;
    assert_eq!(refusal(&refused).1, "value_not_payable");
    buyer.orders(&sticker, 1).await;
    app.run_jobs().await;
    app.books_balance();
}
