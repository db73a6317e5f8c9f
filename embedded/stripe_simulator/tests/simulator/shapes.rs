//! Every object has exactly the fields Stripe publishes for it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use stripe_connect::account::ListAccount;
use stripe_connect::transfer::ListTransfer;
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_core::charge::ListCharge;
use stripe_core::customer::ListCustomer;
use stripe_core::event::ListEvent;
use stripe_core::payment_intent::ListPaymentIntent;
use stripe_core::refund::ListRefund;

use crate::stage::{Stage, field, id};

fn keys(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

fn published(kind: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("objects/{kind}.json"));
    keys(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// A stage on which each kind of object exists; gives a payment intent, a seller and a transfer.
async fn all_kinds() -> (Stage, Value, String, String) {
    let stage = Stage::new().await;
    let seller = stage.seller().await;
    stage.make("/v1/customers", &[("email", "a@example.com")]).await;
    let intent = stage.pay("1000", "pm_card_visa").await;
    let charge = field(&intent, "latest_charge");
    stage.pay("1000", "pm_card_createDispute").await;
    stage.pay("1000", "pm_card_authenticationRequired").await;
    let declined =
        [("amount", "5"), ("currency", "usd"), ("payment_method", "pm_card_chargeDeclined"), ("confirm", "true")];
    assert_eq!(stage.post("/v1/payment_intents", &declined).await.0, 402);
    let alipay = [("payment_method_data[type]", "alipay"), ("payment_method_types[]", "alipay"), ("confirm", "true")];
    stage.make("/v1/payment_intents", &[&[("amount", "5"), ("currency", "cny")][..], &alipay].concat()).await;
    stage.make("/v1/refunds", &[("charge", &charge), ("amount", "1")]).await;
    let form =
        [("amount", "500"), ("currency", "usd"), ("destination", seller.as_str()), ("source_transaction", &charge)];
    let transfer = id(&stage.make("/v1/transfers", &form).await);
    stage.make(&format!("/v1/transfers/{transfer}/reversals"), &[("amount", "1")]).await;
    stage.as_seller(&seller, "POST", "/v1/payouts", &[("amount", "1"), ("currency", "usd")]).await;
    (stage, intent, seller, transfer)
}

#[tokio::test]
async fn every_object_has_the_published_fields() {
    let (stage, intent, seller, transfer) = all_kinds().await;
    let (_, payouts) = stage.as_seller(&seller, "GET", "/v1/payouts", &[]).await;
    let link = [("account", seller.as_str()), ("type", "account_onboarding")];
    let mut objects = vec![
        intent.clone(),
        stage.get("/v1/balance").await,
        stage.make("/v1/account_links", &link).await,
        stage.get(&format!("/v1/payment_methods/{}", field(&intent, "payment_method"))).await,
        payouts["data"][0].clone(),
    ];
    let lists =
        ["accounts", "balance_transactions", "charges", "customers", "disputes", "events", "refunds", "transfers"];
    for path in lists.map(str::to_owned).into_iter().chain([format!("transfers/{transfer}/reversals")]) {
        objects.push(stage.get(&format!("/v1/{path}")).await["data"][0].clone());
    }
    for object in &objects {
        let kind = field(object, "object");
        let (own, published) = (keys(object), published(&kind));
        assert_eq!(own, published, "{kind}");
    }
    let kinds: BTreeSet<String> = objects.iter().map(|object| field(object, "object")).collect();
    assert_eq!(kinds.len(), 14);
}

/// The strict parser of the Rust client takes every object, in lists and alone.
#[tokio::test]
async fn the_rust_client_parses_every_object() {
    let (stage, intent, seller, _) = all_kinds().await;
    let client = &stage.client;
    let counts = [
        ListAccount::new().send(client).await.unwrap().data.len(),
        ListBalanceTransaction::new().limit(100).send(client).await.unwrap().data.len(),
        ListCharge::new().limit(100).send(client).await.unwrap().data.len(),
        ListCustomer::new().send(client).await.unwrap().data.len(),
        ListEvent::new().limit(100).send(client).await.unwrap().data.len(),
        ListPaymentIntent::new().limit(100).send(client).await.unwrap().data.len(),
        ListRefund::new().send(client).await.unwrap().data.len(),
        ListTransfer::new().send(client).await.unwrap().data.len(),
    ];
    assert_eq!(counts, [1, 6, 3, 1, 20, 5, 1, 1]);
    let method = stage.get(&format!("/v1/payment_methods/{}", field(&intent, "payment_method"))).await;
    serde_json::from_value::<stripe_shared::PaymentMethod>(method).unwrap();
    let alipay = stage.make("/v1/payment_methods", &[("type", "alipay")]).await;
    serde_json::from_value::<stripe_shared::PaymentMethod>(alipay).unwrap();
    let disputes = stage.get("/v1/disputes").await;
    serde_json::from_value::<stripe_shared::Dispute>(disputes["data"][0].clone()).unwrap();
    let (_, payouts) = stage.as_seller(&seller, "GET", "/v1/payouts", &[]).await;
    serde_json::from_value::<stripe_shared::Payout>(payouts["data"][0].clone()).unwrap();
}
