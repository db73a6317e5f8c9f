//! The payment provider fails, hangs or loses its answer: nobody is told a lie, and the money moves once.

use super::{provider_payments, ship_and_confirm};
use chrono::Duration;
use serde_json::json;
use stripe_simulator::CallFault;
use tests::{Firm, TestApp};

async fn a_payment_survives(app: &TestApp, (seller, buyer): (&Firm, &Firm), fault: CallFault) {
    let what = format!("{fault:?}");
    let charged_before = provider_payments(app).await.len();
    let product = seller.publishes("凤凰单丛", 12_800, Some(3)).await;
    let order = buyer.orders(&product, 1).await;
    app.stripe.faults().next_calls("POST /v1/payment_intents", 1, fault);
    let payment = buyer.pays(&order, "pm_card_visa").await;
    assert!(matches!(payment["status"].as_str(), Some("processing" | "succeeded")), "{what}: {payment:#}");
    app.stripe.faults().release_calls();
    // The provider's message may come before we know its object: then it is tried again.
    app.run_jobs_that_may_fail().await;
    for _ in 0..2 {
        app.clock.advance(Duration::minutes(3));
        app.run_jobs_that_may_fail().await;
    }
    let settled = buyer.purchase(&order).await;
    assert_eq!((settled["status"].as_str(), settled["escrow"]["held_minor"].as_i64()), (Some("paid"), Some(12_800)));
    let statuses: Vec<_> = settled["payments"].as_array().unwrap().iter().map(|p| p["status"].clone()).collect();
    assert_eq!(statuses, ["succeeded"], "{what}");
    let steps: Vec<_> = settled["timeline"].as_array().unwrap().iter().map(|line| line["step"].clone()).collect();
    assert_eq!(steps, ["placed", "paid"], "{what}");
    assert_eq!(provider_payments(app).await.len(), charged_before + 1, "{what}: one charge");
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_call_fails_or_loses_its_answer_is_made_once() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    for fault in [CallFault::Status { status: 500 }, CallFault::Status { status: 429 }, CallFault::Cut] {
        let (seller, buyer) = (app.signed_in_again(&seller).await, app.signed_in_again(&buyer).await);
        a_payment_survives(&app, (&seller, &buyer), fault).await;
    }
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_call_hangs_is_processing_and_is_made_once() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    a_payment_survives(&app, (&seller, &buyer), CallFault::Hang).await;
    app.run_jobs().await;
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_older_than_the_providers_memory_is_never_used_again() {
    let mut app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(3)).await;
    let order = buyer.orders(&product, 1).await;
    let path = format!("/v1/purchases/{}/payments", order["id"].as_str().unwrap());
    let body = json!({ "method": "card", "payment_method": "pm_card_visa" });
    app.stripe.faults().next_calls("POST /v1/payment_intents", 1, CallFault::Cut);
    // The answer to the payer is lost too: as if the process had died between the call and its second transaction.
    let answered = buyer.owner.post(&path, body.clone()).key("one-key").ok().await;
    assert_eq!(answered["status"], "processing");
    let mut conn = app.database.superuser();
    let forgotten = "UPDATE idempotency_keys SET status = NULL, body = NULL WHERE key = 'one-key'";
    diesel::RunQueryDsl::execute(diesel::sql_query(forgotten), &mut conn).unwrap();

    app.clock.advance(Duration::hours(24));
    let buyer = app.signed_in_again(&buyer).await;
    let again = buyer.owner.post(&path, body).key("one-key").send().await;
    again.problem(409, "idempotency_in_progress");
    assert_eq!(provider_payments(&app).await.len(), 1, "one charge");
    // What is left is for people: the payment's job is put aside.
    app.run_jobs_that_may_fail().await;
    app.forgive_dead_jobs();
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_payment_that_cannot_be_sent_back_is_never_given_to_the_seller() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 10_000, Some(3)).await;
    let order = buyer.orders(&product, 1).await;
    let path = format!("/v1/purchases/{}/payments", order["id"].as_str().unwrap());
    let open = buyer.owner.post(&path, json!({ "method": "card" })).ok().await;
    assert_eq!(open["status"], "requires_action", "{open:#}");
    assert_eq!(buyer.pays(&order, "pm_card_visa").await["status"], "succeeded");
    app.run_jobs().await;

    let intents = provider_payments(&app).await;
    let waiting = intents.iter().find(|intent| intent["status"] != "succeeded").expect("a payment that waits");
    super::confirms(&app, waiting["id"].as_str().unwrap(), "pm_card_refundFail").await;
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM refunds WHERE automatic AND status = 'failed'"), 1);
    assert_eq!(buyer.purchase(&order).await["escrow"]["held_minor"], 20_000);

    ship_and_confirm(&seller, &buyer, &order).await;
    app.run_jobs().await;
    let done = buyer.purchase(&order).await;
    assert_eq!((done["status"].as_str(), done["escrow"]["held_minor"].as_i64()), (Some("completed"), Some(10_000)));
    let balance = seller.owner.get("/v1/balance").ok().await;
    assert_eq!(balance["data"][0]["available_minor"], 9_900);
    assert_eq!(balance["data"][0]["pending_minor"], 10_000);
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_refund_that_the_bank_returns_may_be_tried_again() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 10_000, Some(3)).await;
    let order = buyer.orders(&product, 1).await;
    buyer.pays(&order, "pm_card_refundFail").await;
    app.run_jobs().await;
    let path = format!("/v1/orders/{}/refunds", order["id"].as_str().unwrap());
    for attempt in 1..=2 {
        let refund = seller.owner.post(&path, json!({ "reason": "缺货" })).ok().await;
        assert_eq!(refund["status"], "succeeded", "attempt {attempt}: {refund:#}");
        app.run_jobs().await;
        let returned = buyer.purchase(&order).await;
        assert_eq!(returned["escrow"], json!({ "status": "held", "held_minor": 10_000 }), "attempt {attempt}");
        assert_eq!(returned["refunded_minor"], 0);
        app.books_balance();
    }
    assert_eq!(app.count("SELECT count(*) FROM refunds WHERE status = 'failed'"), 2);
    app.run_jobs().await;
    app.books_balance();
}
