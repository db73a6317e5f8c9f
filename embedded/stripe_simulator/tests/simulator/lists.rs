//! Lists: pages in both directions, filters, expansion.

use serde_json::{Value, json};

use crate::stage::{KEY, Stage, id, read};

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn pages_go_both_ways_without_gaps() {
    let stage = Stage::new().await;
    let mut made = Vec::new();
    for _ in 0..7 {
        made.insert(0, id(&stage.make("/v1/customers", &[]).await));
    }
    let mut seen = Vec::new();
    let mut path = "/v1/customers?limit=3".to_owned();
    loop {
        let page = stage.get(&path).await;
        seen.extend(ids(&page));
        if page["has_more"] == json!(false) {
            break;
        }
        path = format!("/v1/customers?limit=3&starting_after={}", seen[seen.len() - 1]);
    }
    assert_eq!(seen, made);
    let newer = stage.get(&format!("/v1/customers?limit=2&ending_before={}", made[4])).await;
    assert_eq!((ids(&newer).as_slice(), &newer["has_more"]), (&made[2..4], &json!(true)));
    let newest = stage.get(&format!("/v1/customers?limit=4&ending_before={}", made[2])).await;
    assert_eq!((ids(&newest).as_slice(), &newest["has_more"]), (&made[..2], &json!(false)));
    for wrong in ["limit=0", "limit=101", "limit=x", "starting_after=a&ending_before=b", "created[gt]=x", "colour=red"]
    {
        let request = stage.request("GET", &format!("/v1/customers?{wrong}")).bearer_auth(KEY);
        assert_eq!(read(request).await.0, 400, "{wrong}");
    }
    let request = stage.request("GET", "/v1/customers?starting_after=cus_none").bearer_auth(KEY);
    assert_eq!(read(request).await.0, 404);
}

#[tokio::test]
async fn events_are_filtered_by_types_and_time() {
    let stage = Stage::new().await;
    stage.pay("100", "pm_card_visa").await;
    let count = async |query: &str| stage.get(&format!("/v1/events?{query}")).await["data"].as_array().unwrap().len();
    assert_eq!(count("types[]=charge.succeeded&types[]=payment_intent.succeeded").await, 2);
    assert_eq!(count("type=payment_intent.*").await, 2);
    assert_eq!(count("created[gte]=1800000000").await, 3);
    assert_eq!(count("created[gt]=1800000000").await, 0);
    assert_eq!(count("created[lt]=1800000000").await, 0);
}

#[tokio::test]
async fn answers_are_expanded_on_request() {
    let stage = Stage::new().await;
    let intent = id(&stage.pay("100", "pm_card_visa").await);
    let path = format!("/v1/payment_intents/{intent}?expand[]=latest_charge.balance_transaction&expand[]=charges");
    let intent = stage.get(&path).await;
    assert_eq!(intent["latest_charge"]["balance_transaction"]["net"], 67);
    assert_eq!(intent["charges"]["data"][0]["id"], intent["latest_charge"]["id"]);
    let listed = stage.get("/v1/charges?expand[]=data.payment_intent").await;
    assert_eq!(listed["data"][0]["payment_intent"]["object"], "payment_intent");
    let request = stage.request("GET", "/v1/charges?expand[]=data.colour").bearer_auth(KEY);
    assert_eq!(read(request).await.0, 400);
    let form = [
        ("amount", "5"),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("confirm", "true"),
        ("expand[]", "latest_charge"),
    ];
    assert_eq!(stage.make("/v1/payment_intents", &form).await["latest_charge"]["object"], "charge");
}
