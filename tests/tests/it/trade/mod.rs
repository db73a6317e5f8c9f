//! The trade story: sell, buy, pay, ship, confirm, and what the books say.

mod story;

use tests::{Firm, TestApp};

/// A sale that went all the way; seller and buyer.
pub async fn a_completed_sale(app: &TestApp) -> (Firm, Firm) {
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛 蜜兰香 500g", 12_800, Some(10)).await;
    let order = buyer.orders(&product, 2).await;
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    let id = order["id"].as_str().unwrap();
    let shipment = serde_json::json!({ "carrier": "SF Express", "tracking_number": "SF1234567890" });
    seller.owner.post(format!("/v1/orders/{id}/shipments"), shipment).ok().await;
    buyer.owner.post(format!("/v1/purchases/{id}/confirm-receipt"), serde_json::json!({})).ok().await;
    app.run_jobs().await;
    (seller, buyer)
}
