//! One key, one purchase.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{TestApp, address};

fn basket(product: &Value, quantity: i64) -> Value {
    let line = json!({ "variant_id": product["variants"][0]["id"], "quantity": quantity });
    json!({ "lines": [line], "shipping_address": address() })
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_identical_purchases_are_one_order_with_one_answer() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(30)).await;
    let body = basket(&product, 2);
    let once = || buyer.owner.post("/v1/purchases", body.clone()).key("spring-order").send();
    let answers = join_all((0..20).map(|_| once())).await;
    let mut bodies = Vec::new();
    for answer in answers {
        match answer.status {
            201 => bodies.push(answer.text()),
            _ => drop(answer.problem(409, "idempotency_in_progress")),
        }
    }
    let last = once().await;
    assert_eq!((last.status, last.header("idempotent-replayed")), (201, "true"));
    assert!(!bodies.is_empty() && bodies.iter().all(|body| *body == last.text()));
    assert_eq!(app.count("SELECT count(*) FROM orders"), 1);
    assert_eq!(app.count("SELECT reserved AS count FROM product_variants"), 2);
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_body_and_to_one_firm() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let other = app.firm("furniture-foshan").await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(30)).await;
    let order = |client: &tests::Client, quantity| {
        client.post("/v1/purchases", basket(&product, quantity)).key("same-key").send()
    };
    let first = order(&buyer.owner, 1).await;
    assert_eq!(first.status, 201, "{}", first.text());
    order(&buyer.owner, 2).await.problem(422, "idempotency_key_reused");
    let theirs = order(&other.owner, 2).await;
    assert_eq!((theirs.status, theirs.header("idempotent-replayed")), (201, ""));
    assert_ne!(theirs.value()["orders"][0]["id"], first.value()["orders"][0]["id"]);
    let keyless = buyer.owner.request(Method::POST, "/v1/purchases").json(basket(&product, 1)).send().await;
    assert_eq!(keyless.status, 400, "{}", keyless.text());
    keyless.problem(400, "idempotency_key_required");
    assert_eq!(app.count("SELECT count(*) FROM orders"), 2);
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stays_the_answer_of_its_key_and_a_new_key_may_succeed() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(1)).await;
    let variant = product["variants"][0]["id"].clone();
    let order = |key: &str| buyer.owner.post("/v1/purchases", basket(&product, 3)).key(key).send();
    let refused = order("first").await;
    refused.problem(409, "out_of_stock");
    let more = json!({ "variant_id": variant, "delta": 5, "reason": "新货到仓" });
    seller.owner.post("/v1/inventory/adjustments", more).ok().await;
    let again = order("first").await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (409, "true"));
    again.problem(409, "out_of_stock");
    assert_eq!(order("second").await.status, 201);
    assert_eq!(app.count("SELECT count(*) FROM orders"), 1);
    app.run_jobs().await;
    app.books_balance();
}
