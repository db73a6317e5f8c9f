//! What the payment provider tells us over HTTP: only its own words count, and each of them once.

use super::{WEBHOOK_SECRET, authorises, tag};
use chrono::Duration;
use kernel::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use stripe_simulator::WebhookFault;
use tests::{Answer, TestApp};

const BODY: &str =
    r#"{"id":"evt_forged","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}"#;

async fn deliver(app: &TestApp, signature: Option<&str>, body: String) -> Answer {
    let request = app.visitor().request(Method::POST, "/v1/providers/stripe/webhook").bytes(body);
    match signature {
        Some(signature) => request.header("stripe-signature", signature).send().await,
        None => request.send().await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_signed_now_by_the_provider_has_no_effect() {
    let app = TestApp::start().await;
    let now = app.clock.now().timestamp();
    let own = |second: i64| tag(WEBHOOK_SECRET, second, BODY);
    let good = format!("t={now},v1={}", own(now));
    let refused = [
        ("forged", format!("t={now},v1={}", tag("whsec_other", now, BODY))),
        ("v0 only", format!("t={now},v0={}", own(now))),
        ("two times", format!("t={now},{good}")),
        ("old", format!("t={},v1={}", now - 301, own(now - 301))),
        ("ahead", format!("t={},v1={}", now + 3600, own(now + 3600))),
        ("another time", format!("t={},v1={}", now - 1, own(now))),
        ("no time", format!("v1={}", own(now))),
        ("no hex", format!("t={now},v1=zz")),
        ("empty", String::new()),
    ];
    for (what, signature) in &refused {
        let answer = deliver(&app, Some(signature), BODY.to_owned()).await;
        assert_eq!(answer.status, 400, "{what}");
        answer.problem(400, "signature_invalid");
    }
    deliver(&app, None, BODY.to_owned()).await.problem(400, "signature_invalid");
    deliver(&app, Some(&good), BODY.replace("pi_1", "pi_2")).await.problem(400, "signature_invalid");
    let huge = format!("{BODY}{}", " ".repeat(1024 * 1024));
    let signed = format!("t={now},v1={}", tag(WEBHOOK_SECRET, now, &huge));
    assert_eq!(deliver(&app, Some(&signed), huge).await.status, 413);
    for no_event in ["[]", "{}", "\u{0}", r#"{"id":"evt_1\u0000","type":"x","data":{"object":{"id":"a"}}}"#] {
        let signed = format!("t={now},v1={}", tag(WEBHOOK_SECRET, now, no_event));
        deliver(&app, Some(&signed), no_event.to_owned()).await.problem(400, "malformed_request");
    }
    assert_eq!(app.count("SELECT count(*) FROM provider_events"), 0);
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_at_the_edge_of_the_tolerance_counts_once() {
    let app = TestApp::start().await;
    let second = app.clock.now().timestamp() - 300;
    let body = BODY.replace("payment_intent.succeeded", "customer.created");
    let signed = format!("t={second},v0=00,v1=00,v1={}", tag(WEBHOOK_SECRET, second, &body));
    for _ in 0..3 {
        assert_eq!(deliver(&app, Some(&signed), body.clone()).await.value(), json!({ "received": true }));
    }
    assert_eq!(app.count("SELECT count(*) FROM provider_events"), 1);
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE kind = 'payments.process_provider_event'"), 1);
    app.run_jobs().await;
    app.books_balance();
}

/// The order and the books after a card was authorised while webhooks suffered this fault.
async fn bought_with(fault: Option<WebhookFault>) -> Value {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, Some(5)).await;
    let order = buyer.orders(&product, 1).await;
    if let Some(fault) = fault {
        // Two for the payment that waits, two for its success.
        app.stripe.faults().next_webhooks(4, fault);
    }
    let payment = buyer.pays(&order, "pm_card_authenticationRequired").await;
    assert_eq!(payment["status"], "requires_action", "{payment:#}");
    authorises(&app, "succeed").await;
    app.run_jobs().await;
    app.pass(Duration::minutes(12)).await;
    let settled = buyer.purchase(&order).await;
    app.books_balance();
    let held = app.count("SELECT count(*) FROM ledger_entries WHERE source LIKE 'escrow.hold %'");
    json!({
        "order": settled["status"], "held": settled["escrow"], "entries": held,
        "payments": settled["payments"].as_array().unwrap().iter().map(|p| p["status"].clone()).collect::<Vec<_>>(),
        "steps": settled["timeline"].as_array().unwrap().iter().map(|t| t["step"].clone()).collect::<Vec<_>>(),
        "seller": seller.event_types().await, "buyer": buyer.event_types().await,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_come_twice_backwards_or_never_lead_to_the_same_end() {
    let plain = bought_with(None).await;
    assert_eq!((plain["order"].as_str(), plain["held"]["held_minor"].as_i64()), (Some("paid"), Some(9_900)));
    for fault in [WebhookFault::Duplicate, WebhookFault::Reverse, WebhookFault::Drop] {
        assert_eq!(bought_with(Some(fault)).await, plain, "{fault:?}");
    }
}

/// T14: whose payment an object is, our own table says, and what is booked, our own row; what an object claims counts for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn t14_an_object_that_claims_to_be_anothers_payment_pays_nothing() {
    let mut app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, Some(5)).await;
    let order = buyer.orders(&product, 1).await;
    let payment = buyer.pays(&order, "pm_card_authenticationRequired").await;
    app.run_jobs().await;
    let claims = [("amount", "100"), ("currency", "cny"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    let mut form: Vec<(&str, String)> = claims.map(|(name, value)| (name, value.to_owned())).into();
    form.push(("metadata[payment]", payment["id"].as_str().unwrap().to_owned()));
    form.push(("metadata[tenant_id]", seller.id.clone()));
    let url = format!("{}/v1/payment_intents", app.stripe.base_url());
    let made = reqwest::Client::new().post(url).bearer_auth(super::STRIPE_KEY).form(&form).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());
    for _ in 0..3 {
        app.run_jobs_that_may_fail().await;
        app.clock.advance(Duration::minutes(3));
    }
    let unpaid = buyer.purchase(&order).await;
    assert_eq!(unpaid["payments"][0]["status"], "requires_action", "{unpaid:#}");
    assert_eq!(app.count("SELECT count(*) FROM ledger_entries"), 0);
    assert!(app.count("SELECT count(*) FROM provider_events WHERE type = 'payment_intent.succeeded'") > 0);
    app.forgive_dead_jobs();
    app.run_jobs_that_may_fail().await;
    app.books_balance();
}
