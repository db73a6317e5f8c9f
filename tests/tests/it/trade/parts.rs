//! T03: a party of an order acts in its own part: a buyer is no seller, although the order is theirs too.

use super::ship_and_confirm;
use serde_json::json;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn t03_a_party_acts_in_its_own_part_only() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(5)).await;
    let order = buyer.orders(&product, 2).await;
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    let id = order["id"].as_str().unwrap();
    let (sale, purchase) = (format!("/v1/orders/{id}"), format!("/v1/purchases/{id}"));
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1234567890" });
    let card = json!({ "method": "card", "payment_method": "pm_card_visa" });
    let before = (seller.sale(&order).await, buyer.purchase(&order).await);
    for (client, path, body) in [
        (&buyer.owner, format!("{sale}/shipments"), shipment),
        (&buyer.owner, format!("{sale}/cancel"), json!({})),
        (&buyer.owner, format!("{sale}/refunds"), json!({ "reason": "mine" })),
        (&seller.owner, format!("{purchase}/cancel"), json!({})),
        (&seller.owner, format!("{purchase}/confirm-receipt"), json!({})),
        (&seller.owner, format!("{purchase}/payments"), card),
    ] {
        client.post(path, body).send().await.problem(404, "not_found");
    }
    buyer.owner.get(sale).send().await.problem(404, "not_found");
    seller.owner.get(purchase).send().await.problem(404, "not_found");
    assert_eq!((seller.sale(&order).await, buyer.purchase(&order).await), before);
    ship_and_confirm(&seller, &buyer, &order).await;
    app.run_jobs().await;
    app.books_balance();
}

/// Another customer of the same seller is no party of the order, whatever they have ordered themselves.
#[tokio::test(flavor = "multi_thread")]
async fn t03_another_customer_of_the_seller_sees_and_does_nothing() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let other = app.firm("furniture-foshan").await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(5)).await;
    other.orders(&product, 1).await;
    let order = buyer.orders(&product, 2).await;
    let path = format!("/v1/purchases/{}", order["id"].as_str().unwrap());
    let card = json!({ "method": "card", "payment_method": "pm_card_visa" });
    other.owner.get(&path).send().await.problem(404, "not_found");
    for (deed, body) in [("cancel", json!({})), ("confirm-receipt", json!({})), ("payments", card)] {
        other.owner.post(format!("{path}/{deed}"), body).send().await.problem(404, "not_found");
    }
    assert_eq!(buyer.purchase(&order).await["status"], "awaiting_payment");
    app.run_jobs().await;
}
