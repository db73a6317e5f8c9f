//! A20: as many keys as the plan allows, and not one more.

use futures_util::future::join_all;
use serde_json::json;
use tests::{Answer, Firm, TestApp};

async fn create(firm: &Firm) -> Answer {
    firm.owner.post("/v1/api-keys", json!({ "name": "x", "scopes": ["files:read"] })).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_fifty_at_once_make_exactly_as_many_keys_as_the_plan_allows() {
    let app = TestApp::start_with(&[("DATABASE_POOL_SIZE", "50")]).await;
    let firm = app.firm("foshan").await;
    let answers = join_all((0..50).map(|_| create(&firm))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (20, 30));
    for answer in refused {
        assert_eq!(answer.problem(409, "api_key_limit_reached")["maximum"], 20);
    }
    assert_eq!(app.count("SELECT count(*) FROM api_keys"), 20);
    let entitlements = firm.owner.get("/v1/entitlements").ok().await;
    let keys = entitlements["data"].as_array().unwrap().iter().find(|one| one["meter"] == "api_keys").unwrap().clone();
    assert_eq!((&keys["value"], &keys["used"]), (&json!(20), &json!(20)), "{keys:#}");

    let id = made[0].value()["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        assert_eq!(firm.owner.delete(format!("/v1/api-keys/{id}")).send().await.status, 204);
    }
    assert_eq!(create(&firm).await.status, 201, "a revoked key makes room");
    create(&firm).await.problem(409, "api_key_limit_reached");
    app.run_jobs().await;
}
