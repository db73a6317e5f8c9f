//! The trade story: sell, buy, pay, ship, confirm, and what the books say.

mod baskets;
mod market;
mod parts;
mod provider_trouble;
mod purchase_keys;
mod races;
mod story;
mod strong_authentication;
mod webhooks;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tests::{Firm, TestApp};

const STRIPE_KEY: &str = "sk_test_integration";
/// What signs the provider's messages.
const WEBHOOK_SECRET: &str = "whsec_integration";

/// A sale that went all the way; seller and buyer.
pub async fn a_completed_sale(app: &TestApp) -> (Firm, Firm) {
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛 蜜兰香 500g", 12_800, Some(10)).await;
    let order = buyer.orders(&product, 2).await;
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    ship_and_confirm(&seller, &buyer, &order).await;
    app.run_jobs().await;
    (seller, buyer)
}

/// The seller sends everything, and the buyer has it.
async fn ship_and_confirm(seller: &Firm, buyer: &Firm, order: &Value) {
    let id = order["id"].as_str().unwrap();
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1234567890" });
    seller.owner.post(format!("/v1/orders/{id}/shipments"), shipment).ok().await;
    buyer.owner.post(format!("/v1/purchases/{id}/confirm-receipt"), json!({})).ok().await;
}

/// All payments that the provider knows.
async fn provider_payments(app: &TestApp) -> Vec<Value> {
    let url = format!("{}/v1/payment_intents?limit=100", app.stripe.base_url());
    let answer = reqwest::Client::new().get(url).bearer_auth(STRIPE_KEY).send().await.unwrap();
    let page: Value = answer.json().await.unwrap();
    assert_eq!(page["has_more"], false, "{page:#}");
    page["data"].as_array().unwrap().clone()
}

/// The payer of the newest payment decides on the page of the bank; returns the page's address.
async fn authorises(app: &TestApp, outcome: &str) -> String {
    let newest = provider_payments(app).await.remove(0);
    let url = format!("{}/sim/authorize/{}", app.stripe.base_url(), newest["id"].as_str().unwrap());
    let stay = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = stay.post(&url).form(&[("outcome", outcome)]).send().await.unwrap();
    assert!(answer.status().is_success() || answer.status().is_redirection(), "{}", answer.status());
    url
}

/// The payer's browser finishes a payment with a card, as the provider's own script does.
async fn confirms(app: &TestApp, intent: &str, card: &str) {
    let url = format!("{}/v1/payment_intents/{intent}/confirm", app.stripe.base_url());
    let request = reqwest::Client::new().post(url).bearer_auth(STRIPE_KEY).form(&[("payment_method", card)]);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

/// The provider's signature over a message at a second, in hexadecimal.
fn tag(secret: &str, second: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{second}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The header with which the provider signs a message.
pub fn signed(second: i64, body: &str) -> String {
    format!("t={second},v1={}", tag(WEBHOOK_SECRET, second, body))
}
