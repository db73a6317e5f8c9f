//! Paying and cancelling at the same moment.

use super::provider_payments;
use futures_util::future::join;
use serde_json::json;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_cancelled_while_it_is_paid_is_one_or_the_other() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("实木餐桌", 250_000, Some(10)).await;
    let mut orders = Vec::new();
    for _ in 0..10 {
        orders.push(buyer.orders(&product, 1).await);
    }
    let races = orders.iter().enumerate().map(|(number, order)| {
        let id = order["id"].as_str().unwrap();
        let body = json!({ "method": "card", "payment_method": "pm_card_visa" });
        let pay = buyer.owner.post(format!("/v1/purchases/{id}/payments"), body);
        // Buyer and seller may both cancel.
        let cancel = match number % 2 {
            0 => buyer.owner.post(format!("/v1/purchases/{id}/cancel"), json!({})),
            _ => seller.owner.post(format!("/v1/orders/{id}/cancel"), json!({})),
        };
        join(pay.send(), cancel.send())
    });
    for (paid, cancelled) in futures_util::future::join_all(races).await {
        assert!(matches!(paid.status, 201 | 409), "{}", paid.text());
        assert!(matches!(cancelled.status, 200 | 409), "{}", cancelled.text());
    }
    app.run_jobs().await;
    let (mut kept, mut back) = (0, 0);
    for order in &orders {
        let order = buyer.purchase(order).await;
        let held = order["escrow"]["held_minor"].as_i64().unwrap();
        match order["status"].as_str().unwrap() {
            "paid" => {
                assert_eq!(held, 250_000, "{order:#}");
                kept += 1;
            }
            "cancelled" => {
                assert_eq!(held, 0, "{order:#}");
                assert!(matches!(order["escrow"]["status"].as_str(), Some("created" | "refunded")), "{order:#}");
                back += 1;
            }
            other => panic!("{other}: {order:#}"),
        }
    }
    assert_eq!(kept + back, 10);
    let captured: i64 =
        provider_payments(&app).await.iter().map(|intent| intent["amount_received"].as_i64().unwrap_or_default()).sum();
    let returned =
        app.count("SELECT coalesce(sum(amount), 0)::bigint AS count FROM refunds WHERE status = 'succeeded'");
    assert_eq!(captured - returned, kept * 250_000, "the provider has what we hold");
    let stock = "SELECT on_hand - reserved AS count FROM product_variants";
    assert_eq!(app.count(stock), 10 - kept, "stock follows what was paid");
    app.books_balance();
}
