//! Webhooks: signed, retried, kept, and disturbed on request.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use stripe_simulator::WebhookFault;

use crate::stage::{Arrival, Inbox, NOW, SECRET, Stage};

const PAID: [&str; 3] = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"];

fn verify(arrival: &Arrival) {
    let (time, tag) = arrival.signature.split_once(",v1=").unwrap();
    assert_eq!(time, format!("t={NOW}"));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(NOW.to_string().as_bytes());
    mac.update(b".");
    mac.update(arrival.body.as_bytes());
    mac.verify_slice(&hex::decode(tag).unwrap()).unwrap();
}

#[tokio::test]
async fn every_event_arrives_signed_and_equals_the_event_log() {
    let inbox = Inbox::new(0);
    let stage = Stage::with(inbox.target.clone()).await;
    stage.pay("100", "pm_card_visa").await;
    stage.simulator.deliveries_settled().await;
    assert_eq!(inbox.kinds(), PAID);
    for arrival in inbox.arrivals() {
        verify(&arrival);
        let sent: Value = serde_json::from_str(&arrival.body).unwrap();
        let logged = stage.get(&format!("/v1/events/{}", sent["id"].as_str().unwrap())).await;
        assert_eq!((&sent["data"], &sent["type"]), (&logged["data"], &logged["type"]));
        assert_eq!((&sent["pending_webhooks"], &logged["pending_webhooks"]), (&json!(1), &json!(0)));
    }
    inbox.stop().await;
}

#[tokio::test]
async fn refused_webhooks_come_again_with_the_same_id() {
    let inbox = Inbox::new(2);
    let stage = Stage::with(inbox.target.clone()).await;
    stage.pay("100", "pm_card_visa").await;
    stage.simulator.deliveries_settled().await;
    let mut bodies: Vec<String> = inbox.arrivals().into_iter().map(|arrival| arrival.body).collect();
    assert_eq!(bodies.len(), 5);
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 3);
    inbox.stop().await;
}

#[tokio::test]
async fn undelivered_webhooks_survive_a_restart() {
    let nobody = Inbox::new(0);
    let target = nobody.target.clone();
    nobody.stop().await;
    let stage = Stage::with(target).await;
    stage.pay("100", "pm_card_visa").await;
    assert_eq!(stage.simulator.undelivered(), 3);
    let page = stage.get("/v1/events?delivery_success=false").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 3);

    let stage = stage.restart(None).await;
    assert_eq!(stage.simulator.undelivered(), 3);
    let inbox = Inbox::new(0);
    stage.simulator.set_webhook(inbox.target.clone());
    stage.simulator.deliveries_settled().await;
    assert_eq!(inbox.kinds(), PAID);

    let stage = stage.restart(Some(inbox.target.clone())).await;
    assert_eq!((stage.simulator.undelivered(), inbox.kinds().len()), (0, 3), "delivered once");
    inbox.stop().await;
}

#[tokio::test]
async fn webhooks_are_dropped_doubled_held_and_reversed() {
    let inbox = Inbox::new(0);
    let stage = Stage::with(inbox.target.clone()).await;
    let faults = stage.simulator.faults();
    faults.next_webhooks(1, WebhookFault::Drop);
    faults.next_webhooks(1, WebhookFault::Duplicate);
    stage.pay("100", "pm_card_visa").await;
    stage.simulator.deliveries_settled().await;
    assert_eq!(inbox.kinds(), ["charge.succeeded", "charge.succeeded", "payment_intent.succeeded"]);
    let lost = stage.get("/v1/events?delivery_success=false").await;
    assert_eq!(lost["data"][0]["type"], "payment_intent.created");

    faults.next_webhooks(1, WebhookFault::Hold);
    stage.pay("100", "pm_card_visa").await;
    inbox.wait_for(5).await;
    assert_eq!(inbox.kinds()[3..], PAID[1..]);
    faults.release_webhooks();
    stage.simulator.deliveries_settled().await;
    assert_eq!(inbox.kinds()[5..], PAID[..1]);

    faults.next_webhooks(3, WebhookFault::Reverse);
    stage.pay("100", "pm_card_visa").await;
    stage.simulator.deliveries_settled().await;
    let reversed: Vec<&str> = PAID.into_iter().rev().collect();
    assert_eq!(inbox.kinds()[6..], reversed);
    inbox.stop().await;
}
