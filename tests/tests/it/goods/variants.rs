//! The matrix of a product's options, and its variants one at a time.

use serde_json::{Value, json};
use tests::TestApp;

fn table() -> Value {
    let options =
        json!([{ "name": "颜色", "values": ["胡桃色", "原木色"] }, { "name": "尺寸", "values": ["1.2m", "1.6m"] }]);
    json!({ "title": "实木餐桌", "options": options, "variants": [point("T-1", "胡桃色", "1.2m")] })
}

fn point(sku: &str, colour: &str, size: &str) -> Value {
    json!({ "sku": sku, "price_minor": 250_000, "currency": "CNY", "options": { "颜色": colour, "尺寸": size } })
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_of_a_matrix_are_made_changed_and_withdrawn_one_at_a_time() {
    let app = TestApp::start().await;
    let (seller, other) = app.two_firms().await;
    let owner = &seller.owner;
    let product = owner.post("/v1/products", table()).ok().await;
    let path = format!("/v1/products/{}", product["id"].as_str().unwrap());
    let variants = format!("{path}/variants");

    let mut body = point("T-2", "原木色", "1.6m");
    body["hs_code"] = "94036010".into();
    body["origin_country"] = "CN".into();
    body["stock"] = 5.into();
    let made = owner.post(&variants, body).ok().await;
    assert_eq!((&made["hs_code"], &made["stock"]), (&json!("94036010"), &json!(5)));
    let one = format!("{variants}/{}", made["id"].as_str().unwrap());
    assert_eq!(owner.get(&one).ok().await, made);
    for (body, code) in [(point("T-3", "原木色", "1.6m"), "duplicate"), (point("T-3", "黑色", "1.6m"), "not_in_matrix")]
    {
        let refused = owner.post(&variants, body).send().await.problem(422, "validation_failed");
        assert_eq!(
            (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
            (&json!("/options"), &json!(code))
        );
    }
    owner.post(&variants, point("T-1", "原木色", "1.2m")).send().await.problem(422, "validation_failed");
    // Values that variants have are not taken out of the matrix.
    let less = json!({ "options": [{ "name": "颜色", "values": ["胡桃色"] }, { "name": "尺寸", "values": ["1.2m"] }] });
    owner.patch(&path, less).send().await.problem(422, "validation_failed");

    let before = owner.get(&one).send().await;
    let tag = before.header("etag").to_owned();
    let changed =
        owner.patch(&one, json!({ "sku": "T-2B", "price_minor": 260_000 })).header("if-match", &tag).ok().await;
    assert_eq!((&changed["sku"], &changed["stock"], &changed["id"]), (&json!("T-2B"), &json!(5), &made["id"]));
    owner
        .patch(&one, json!({ "price_minor": 1 }))
        .header("if-match", &tag)
        .send()
        .await
        .problem(412, "precondition_failed");
    assert_eq!(owner.patch(&one, json!({ "price_minor": 260_000 })).send().await.status, 200, "it is so already");

    owner.post(format!("{path}/publish"), json!({})).ok().await;
    owner.delete(&one).send().await;
    owner.get(&one).send().await.problem(404, "not_found");
    let left = owner.get(&variants).ok().await;
    assert_eq!(left["data"].as_array().unwrap().len(), 1);
    let last = format!("{variants}/{}", left["data"][0]["id"].as_str().unwrap());
    owner.delete(&last).send().await.problem(409, "product_without_variants");
    for path in [&last, &variants] {
        other.owner.get(path).send().await.problem(404, "not_found");
    }
    let listed = app.visitor().get(format!("/v1/market/products/{}", product["id"].as_str().unwrap())).ok().await;
    assert_eq!(listed["options"], product["options"]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_goods_are_checked() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let mut body = point("T-1", "胡桃色", "1.2m");
    body["hs_code"] = "9403".into();
    body["origin_country"] = "cn".into();
    body["max_order_quantity"] = 3.into();
    body["min_order_quantity"] = 4.into();
    body["gtin"] = "4006381333930".into();
    let refused = firm.owner.post("/v1/products", json!({ "title": "实木餐桌", "variants": [body] })).send().await;
    let refused = refused.problem(422, "validation_failed");
    let codes: Vec<&str> = refused["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["below_minimum", "not_digits", "not_a_country", "bad_check_digit"]);
    app.run_jobs().await;
}
