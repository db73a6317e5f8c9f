//! A card whose holder must prove who they are.

use super::authorises;
use chrono::Duration;
use serde_json::{Value, json};
use tests::{Firm, TestApp};

async fn asked_to_authorise(buyer: &Firm, order: &Value) -> Value {
    let path = format!("/v1/purchases/{}/payments", order["id"].as_str().unwrap());
    let body = json!({ "method": "card", "payment_method": "pm_card_authenticationRequired",
        "return_url": "https://shop.example.com/paid" });
    let payment = buyer.owner.post(path, body).ok().await;
    assert_eq!(payment["status"], "requires_action", "{payment:#}");
    assert!(payment["redirect_url"].as_str().is_some_and(|url| url.starts_with("http")), "{payment:#}");
    payment
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payer_proves_who_they_are_and_the_order_is_paid() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, Some(5)).await;
    let order = buyer.orders(&product, 1).await;
    let payment = asked_to_authorise(&buyer, &order).await;
    app.run_jobs().await;
    assert_eq!(buyer.purchase(&order).await["status"], "awaiting_payment");
    let seen = seller.sale(&order).await["payments"][0].clone();
    assert_eq!(seen["status"], "requires_action");
    assert!(seen.get("client_secret").is_none() && seen.get("redirect_url").is_none(), "{seen:#}");

    assert_eq!(payment["redirect_url"].as_str().unwrap(), authorises(&app, "succeed").await);
    app.run_jobs().await;

    let paid = buyer.purchase(&order).await;
    assert_eq!((paid["status"].as_str(), paid["escrow"]["held_minor"].as_i64()), (Some("paid"), Some(9_900)));
    let payment = &paid["payments"][0];
    assert!(payment.get("client_secret").is_none() && payment.get("redirect_url").is_none(), "{payment:#}");
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_who_fails_to_prove_it_pays_nothing_and_may_try_again() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, Some(5)).await;
    let order = buyer.orders(&product, 1).await;
    asked_to_authorise(&buyer, &order).await;
    authorises(&app, "fail").await;
    app.run_jobs().await;
    let refused = buyer.purchase(&order).await;
    assert_eq!(
        (refused["status"].as_str(), refused["payments"][0]["status"].as_str()),
        (Some("awaiting_payment"), Some("failed"))
    );
    assert_eq!(buyer.pays(&order, "pm_card_visa").await["status"], "succeeded");
    app.run_jobs().await;
    assert_eq!(buyer.purchase(&order).await["status"], "paid");
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_comes_after_the_order_was_cancelled_is_paid_back() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, Some(1)).await;
    let order = buyer.orders(&product, 1).await;
    asked_to_authorise(&buyer, &order).await;
    let cancel = format!("/v1/purchases/{}/cancel", order["id"].as_str().unwrap());
    buyer.owner.post(cancel, json!({})).ok().await;
    authorises(&app, "succeed").await;
    app.run_jobs().await;
    let ended = buyer.purchase(&order).await;
    assert_eq!((ended["status"].as_str(), ended["escrow"]["status"].as_str()), (Some("cancelled"), Some("refunded")));
    buyer.orders(&product, 1).await;
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_not_cancelled_while_the_bank_takes_its_time_and_is_when_it_has_refused() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, Some(1)).await;
    let order = buyer.orders(&product, 1).await;
    asked_to_authorise(&buyer, &order).await;
    authorises(&app, "process").await;
    app.run_jobs().await;

    app.pass(Duration::hours(25)).await;
    // More looks than a job has attempts.
    for _ in 0..30 {
        app.pass(Duration::minutes(11)).await;
    }
    let buyer = app.signed_in_again(&buyer).await;
    let waiting = buyer.purchase(&order).await;
    assert_eq!(
        (waiting["status"].as_str(), waiting["payments"][0]["status"].as_str()),
        (Some("awaiting_payment"), Some("processing"))
    );

    authorises(&app, "fail").await;
    app.run_jobs().await;
    app.pass(Duration::minutes(11)).await;
    let buyer = app.signed_in_again(&buyer).await;
    assert_eq!(buyer.purchase(&order).await["status"], "cancelled");
    buyer.orders(&product, 1).await;
    app.run_jobs().await;
    app.books_balance();
}
