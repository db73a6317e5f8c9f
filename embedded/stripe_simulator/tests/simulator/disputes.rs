//! Disputes: money leaves, and returns when the dispute is won.

use serde_json::{Value, json};

use crate::stage::{Stage, field, id};

async fn disputed(stage: &Stage) -> Value {
    let intent = id(&stage.pay("1000", "pm_card_createDispute").await);
    let page = stage.get(&format!("/v1/disputes?payment_intent={intent}")).await;
    let dispute = page["data"][0].clone();
    serde_json::from_value::<stripe_shared::Dispute>(dispute.clone()).unwrap();
    assert_eq!((field(&dispute, "status").as_str(), &dispute["amount"]), ("needs_response", &json!(1000)));
    dispute
}

#[tokio::test]
async fn evidence_wins_or_loses_and_closing_loses() {
    let stage = Stage::new().await;
    let mut balance = 0;
    for (evidence, status) in [(Some("winning_evidence"), "won"), (Some("losing_evidence"), "lost"), (None, "lost")] {
        let dispute = disputed(&stage).await;
        balance += 941 - 1000 - 1500;
        assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], balance);
        let (status_of_refund, answer) = stage.post("/v1/refunds", &[("charge", &field(&dispute, "charge"))]).await;
        assert_eq!((status_of_refund, &answer["error"]["code"]), (400, &json!("charge_disputed")));
        let path = format!("/v1/disputes/{}", id(&dispute));
        let ended = match evidence {
            Some(text) => stage.make(&path, &[("evidence[uncategorized_text]", text)]).await,
            None => stage.make(&format!("{path}/close"), &[]).await,
        };
        assert_eq!(field(&ended, "status"), status);
        balance += if status == "won" { 2500 } else { 0 };
        assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], balance);
        assert_eq!(stage.post(&format!("{path}/close"), &[]).await.0, 400, "closed once");
    }
    let events = stage.events().await;
    assert_eq!(events.iter().filter(|kind| *kind == "charge.dispute.closed").count(), 3);
    assert_eq!(events.iter().filter(|kind| *kind == "charge.dispute.created").count(), 3);
}

#[tokio::test]
async fn evidence_may_be_staged_before_it_is_submitted() {
    let stage = Stage::new().await;
    let path = format!("/v1/disputes/{}", id(&disputed(&stage).await));
    let staged = stage.make(&path, &[("evidence[product_description]", "茶"), ("submit", "false")]).await;
    assert_eq!(
        (field(&staged, "status").as_str(), &staged["evidence"]["product_description"]),
        ("needs_response", &json!("茶"))
    );
    let (status, _) = stage.post(&path, &[("evidence[invented]", "x")]).await;
    assert_eq!(status, 400);
    let sent = stage.make(&path, &[("evidence[receipt]", "file_1")]).await;
    assert_eq!(field(&sent, "status"), "under_review");
}
