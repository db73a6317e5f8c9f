//! What every call has in common: keys, headers, forms, errors.

use serde_json::json;

use crate::stage::{KEY, Stage, id, read};

#[tokio::test]
async fn a_key_is_required_as_bearer_or_basic() {
    let stage = Stage::new().await;
    let balance = || stage.request("GET", "/v1/balance");
    for refused in [balance(), balance().bearer_auth("sk_test_other"), balance().basic_auth("x", Some(""))] {
        let (status, answer) = read(refused).await;
        assert_eq!((status, &answer["error"]["type"]), (401, &json!("invalid_request_error")));
    }
    assert_eq!(read(balance().basic_auth(KEY, Some(""))).await.0, 200);
}

#[tokio::test]
async fn answers_carry_request_id_and_version() {
    let stage = Stage::new().await;
    let answer = stage.request("GET", "/v1/balance").bearer_auth(KEY).header("stripe-version", "2024-06-20");
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.headers()["stripe-version"], "2024-06-20");
    assert!(answer.headers()["request-id"].to_str().unwrap().starts_with("req_"));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let stage = Stage::new().await;
    for (form, code, param) in [
        (&[("currency", "usd")][..], json!("parameter_missing"), "amount"),
        (&[("amount", "x"), ("currency", "usd")], json!("parameter_invalid_integer"), "amount"),
        (&[("amount", "0"), ("currency", "usd")], json!("parameter_invalid_integer"), "amount"),
        (&[("amount", "9223372036854775807"), ("currency", "usd")], json!("amount_too_large"), "amount"),
        (&[("amount", "99999999999999999999"), ("currency", "usd")], json!("parameter_invalid_integer"), "amount"),
        (&[("amount", "5"), ("currency", "dollars")], json!(null), "currency"),
        (&[("amount", "5"), ("currency", "usd"), ("colour", "red")], json!("parameter_unknown"), "colour"),
        (&[("amount", "5"), ("currency", "usd"), ("confirm", "yes")], json!(null), "confirm"),
    ] {
        let (status, answer) = stage.post("/v1/payment_intents", form).await;
        let error = &answer["error"];
        assert_eq!((status, &error["code"], &error["param"]), (400, &code, &json!(param)), "{form:?}");
    }
    let (status, answer) = stage.post("/v1/refunds", &[("payment_intent", "pi_none")]).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("resource_missing")));
    assert_eq!(stage.post("/v1/nothing", &[]).await.0, 404);
    let json_body = stage.request("POST", "/v1/customers").bearer_auth(KEY).json(&json!({"name": "x"}));
    assert_eq!(read(json_body).await.0, 400);
}

#[tokio::test]
async fn metadata_merges_and_empty_values_remove() {
    let stage = Stage::new().await;
    let customer = stage.make("/v1/customers", &[("metadata[a]", "1"), ("metadata[2024]", "2")]).await;
    assert_eq!(customer["metadata"], json!({"a": "1", "2024": "2"}));
    let path = format!("/v1/customers/{}", id(&customer));
    let customer = stage.make(&path, &[("metadata[a]", ""), ("metadata[b]", "3")]).await;
    assert_eq!(customer["metadata"], json!({"2024": "2", "b": "3"}));
    let long = "x".repeat(501);
    assert_eq!(stage.post(&path, &[("metadata[c]", &long)]).await.0, 400);
}

#[tokio::test]
async fn ids_follow_from_seed_and_order_of_calls() {
    let (one, other) = (Stage::new().await, Stage::new().await);
    for _ in 0..2 {
        assert_eq!(one.pay("100", "pm_card_visa").await["id"], other.pay("100", "pm_card_visa").await["id"]);
    }
}
