//! Faults on calls, planned from Rust and over HTTP.

use std::time::Duration;

use serde_json::json;
use stripe::StripeError;
use stripe_core::customer::CreateCustomer;
use stripe_simulator::CallFault;

use crate::stage::{KEY, Stage, page};

#[tokio::test]
async fn the_next_calls_fail_with_a_status_and_do_nothing() {
    let stage = Stage::new().await;
    stage.simulator.faults().next_calls("/v1/customers", 2, CallFault::Status { status: 503 });
    for _ in 0..2 {
        let failed = CreateCustomer::new().send(&stage.client).await;
        assert!(matches!(failed, Err(StripeError::Stripe(_, 503))), "{failed:?}");
    }
    CreateCustomer::new().send(&stage.client).await.unwrap();
    assert_eq!(stage.get("/v1/customers").await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_hung_call_times_out_at_the_client_and_other_calls_go_on() {
    let stage = Stage::new().await;
    stage.simulator.faults().next_calls("POST /v1/customers", 1, CallFault::Hang);
    let hung = stage.request("POST", "/v1/customers").bearer_auth(KEY).timeout(Duration::from_millis(200)).send().await;
    assert!(hung.unwrap_err().is_timeout());
    assert_eq!(stage.post("/v1/customers", &[]).await.0, 200);
}

#[tokio::test]
async fn faults_are_planned_over_http_with_the_key_only() {
    let stage = Stage::new().await;
    let plan = json!({"path": "/v1/balance", "count": 5, "fault": {"kind": "status", "status": 500}});
    let request = || stage.request("POST", "/sim/faults/calls").json(&plan);
    assert_eq!(page(request()).await.0, 401);
    assert_eq!(page(request().bearer_auth(KEY)).await.0, 204);
    assert_eq!(page(stage.request("GET", "/v1/balance").bearer_auth(KEY)).await.0, 500);
    assert_eq!(page(stage.request("DELETE", "/sim/faults").bearer_auth(KEY)).await.0, 204);
    assert_eq!(page(stage.request("GET", "/v1/balance").bearer_auth(KEY)).await.0, 200);
}
