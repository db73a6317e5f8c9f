//! Refunds: never more than was paid.

use serde_json::json;
use stripe::StripeError;
use stripe_core::refund::{CreateRefund, ListRefund};

use crate::stage::{Stage, field, id};

#[tokio::test]
async fn partial_refunds_add_up_and_no_cent_more_is_given() {
    let stage = Stage::new().await;
    let intent = id(&stage.pay("1000", "pm_card_visa").await);
    let refund = |amount: i64| CreateRefund::new().payment_intent(intent.clone()).amount(amount);
    assert_eq!(refund(300).send(&stage.client).await.unwrap().amount, 300);
    let too_much = refund(701).send(&stage.client).await;
    let Err(StripeError::Stripe(error, 400)) = too_much else { panic!("{too_much:?}") };
    assert_eq!(error.param.as_deref(), Some("amount"));
    let rest = CreateRefund::new().payment_intent(intent.clone()).send(&stage.client).await.unwrap();
    assert_eq!((rest.amount, rest.status.as_deref()), (700, Some("succeeded")));
    let (status, answer) = stage.post("/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("charge_already_refunded")));

    let charge = &stage.get(&format!("/v1/payment_intents/{intent}?expand[]=latest_charge")).await["latest_charge"];
    assert_eq!((&charge["amount_refunded"], &charge["refunded"]), (&json!(1000), &json!(true)));
    assert_eq!(charge["refunds"]["data"].as_array().unwrap().len(), 2);
    let listed = ListRefund::new().payment_intent(intent.as_str()).send(&stage.client).await.unwrap();
    assert_eq!(listed.data.iter().map(|refund| refund.amount).collect::<Vec<_>>(), [700, 300]);
    assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], -59);
}

#[tokio::test]
async fn fifty_parallel_partial_refunds_never_exceed_the_payment() {
    let stage = Stage::new().await;
    let intent = id(&stage.pay("1000", "pm_card_visa").await);
    let refund = async || CreateRefund::new().payment_intent(intent.clone()).amount(70).send(&stage.client).await;
    let refunds = futures_util::future::join_all((0..50).map(|_| refund())).await;
    assert_eq!(refunds.iter().filter(|refund| refund.is_ok()).count(), 14);
    let charges = stage.get(&format!("/v1/charges?payment_intent={intent}")).await;
    assert_eq!(charges["data"][0]["amount_refunded"], 980);
}

#[tokio::test]
async fn refunds_may_pend_or_fail_later() {
    let stage = Stage::new().await;
    for (card, first, last, balance) in
        [("pm_card_pendingRefund", "pending", "succeeded", -59), ("pm_card_refundFail", "succeeded", "failed", 882)]
    {
        let intent = id(&stage.pay("1000", card).await);
        let refund = stage.make("/v1/refunds", &[("payment_intent", &intent)]).await;
        assert_eq!(field(&refund, "status"), first);
        assert_eq!(field(&stage.get(&format!("/v1/refunds/{}", id(&refund))).await, "status"), last);
        assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], balance);
    }
    let events = stage.events().await;
    assert!(events.contains(&"refund.failed".to_owned()) && events.contains(&"refund.updated".to_owned()));
}

#[tokio::test]
async fn what_was_not_paid_cannot_be_refunded() {
    let stage = Stage::new().await;
    let form = [("amount", "100"), ("currency", "usd"), ("payment_method", "pm_card_visa")];
    let open = id(&stage.make("/v1/payment_intents", &form).await);
    assert_eq!(stage.post("/v1/refunds", &[("payment_intent", &open)]).await.0, 400);
    assert_eq!(stage.post("/v1/refunds", &[("charge", "ch_none")]).await.0, 404);
    assert_eq!(stage.post("/v1/refunds", &[]).await.0, 400);
}
