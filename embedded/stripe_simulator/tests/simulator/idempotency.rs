//! Idempotency keys: one effect, one answer.

use std::collections::HashSet;

use serde_json::json;
use stripe::{IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_core::payment_intent::CreatePaymentIntent;
use stripe_simulator::CallFault;
use stripe_types::Currency;

use crate::stage::{KEY, Stage, page};

const PAY: [(&str, &str); 4] =
    [("amount", "1000"), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("confirm", "true")];

fn keyed(stage: &Stage, key: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
    stage.request("POST", "/v1/payment_intents").bearer_auth(KEY).header("idempotency-key", key).form(form)
}

#[tokio::test]
async fn the_same_key_gives_the_same_bytes_also_after_a_restart() {
    let stage = Stage::new().await;
    let first = keyed(&stage, "order-1", &PAY).send().await.unwrap();
    assert!(first.headers().get("idempotent-replayed").is_none());
    let first = first.text().await.unwrap();
    let stage = stage.restart(None).await;
    let again = keyed(&stage, "order-1", &PAY).send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.text().await.unwrap(), first);
    let charges = stage.get("/v1/charges").await;
    assert_eq!(charges["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn other_parameters_under_the_same_key_are_refused() {
    let stage = Stage::new().await;
    assert_eq!(page(keyed(&stage, "order-1", &PAY)).await.0, 200);
    let mut other = PAY;
    other[0].1 = "1001";
    let (status, body) = page(keyed(&stage, "order-1", &other)).await;
    assert!(status == 400 && body.contains("idempotency_error"), "{body}");
}

#[tokio::test]
async fn declines_are_kept_and_validation_failures_are_not() {
    let stage = Stage::new().await;
    let mut declined = PAY;
    declined[2].1 = "pm_card_chargeDeclined";
    let (status, first) = page(keyed(&stage, "order-1", &declined)).await;
    assert_eq!((status, page(keyed(&stage, "order-1", &declined)).await), (402, (402, first)));
    let mut invalid = PAY;
    invalid[0].1 = "-5";
    assert_eq!(page(keyed(&stage, "order-2", &invalid)).await.0, 400);
    assert_eq!(page(keyed(&stage, "order-2", &PAY)).await.0, 200, "the key is still free");
}

#[tokio::test]
async fn thirty_parallel_payments_are_one() {
    let stage = Stage::new().await;
    let pay = || {
        CreatePaymentIntent::new(1000, Currency::USD)
            .payment_method("pm_card_visa")
            .confirm(true)
            .customize()
            .request_strategy(RequestStrategy::Idempotent(IdempotencyKey::new("order-1").unwrap()))
            .send(&stage.client)
    };
    let answers = futures_util::future::join_all((0..30).map(|_| pay())).await;
    let ids: HashSet<String> = answers.iter().flatten().map(|intent| intent.id.to_string()).collect();
    assert_eq!(ids.len(), 1);
    for answer in answers {
        match answer {
            Ok(_) | Err(stripe::StripeError::Stripe(_, 409)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(stage.get("/v1/charges").await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_whose_call_still_runs_is_a_conflict() {
    let stage = Stage::new().await;
    let faults = stage.simulator.faults();
    faults.next_calls("POST /v1/payment_intents", 1, CallFault::Hang);
    let slow = keyed(&stage, "order-1", &PAY);
    let (slow, ()) = tokio::join!(page(slow), async {
        faults.wait_for_hanging(1).await;
        let (status, body) = page(keyed(&stage, "order-1", &PAY)).await;
        assert!(status == 409 && body.contains("idempotency_key_in_use"), "{body}");
        faults.release_calls();
    });
    assert_eq!(slow.0, 200);
    assert_eq!(page(keyed(&stage, "order-1", &PAY)).await, slow);
}

#[tokio::test]
async fn a_cut_answer_is_found_again_by_its_key() {
    let stage = Stage::new().await;
    stage.simulator.faults().next_calls("/v1/payment_intents", 1, CallFault::Cut);
    let cut = keyed(&stage, "order-1", &PAY).send().await;
    let lost = match cut {
        Err(_) => true,
        Ok(answer) => answer.bytes().await.is_err(),
    };
    assert!(lost, "the answer must not arrive");
    let again = keyed(&stage, "order-1", &PAY).send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    let intents = stage.get("/v1/payment_intents").await;
    assert_eq!(intents["data"].as_array().unwrap().len(), 1);
    assert_eq!(intents["data"][0]["status"], json!("succeeded"));
}
