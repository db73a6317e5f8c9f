//! Stock at several locations: it is moved, counted, sold, and never more or less than there is.

use serde_json::{Value, json};
use tests::{Client, Firm, TestApp};

/// A firm with two warehouses and a product of which 10 lie in the first.
struct Warehouses {
    firm: Firm,
    product: Value,
    first: Value,
    second: Value,
}

impl Warehouses {
    async fn open(app: &TestApp) -> Self {
        let firm = app.firm("tea-chaozhou").await;
        let mut made = Vec::new();
        for name in ["潮州仓", "深圳仓"] {
            made.push(firm.owner.post("/v1/locations", json!({ "name": name })).ok().await);
        }
        assert_eq!((&made[0]["is_default"], &made[1]["is_default"]), (&json!(true), &json!(false)));
        let product = firm.publishes("凤凰单丛", 12_800, Some(10)).await;
        let second = made.remove(1)["id"].clone();
        Self { firm, product, first: made.remove(0)["id"].clone(), second }
    }

    fn owner(&self) -> &Client {
        &self.firm.owner
    }

    fn variant(&self) -> &Value {
        &self.product["variants"][0]["id"]
    }

    fn transfer(&self, from: Option<&Value>, to: Option<&Value>, quantity: i64) -> tests::Request {
        let mut body = json!({ "variant_id": self.variant(), "quantity": quantity });
        for (name, location) in [("from_location_id", from), ("to_location_id", to)] {
            if let Some(location) = location {
                body[name] = location.clone();
            }
        }
        self.owner().post("/v1/inventory/transfers", body)
    }

    /// In all, and at the second location.
    async fn units(&self) -> (i64, i64) {
        let item = self.owner().get("/v1/inventory").ok().await["data"][0].clone();
        let there = item["locations"].as_array().unwrap().iter().map(|level| level["on_hand"].as_i64().unwrap()).sum();
        (item["on_hand"].as_i64().unwrap(), there)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_moved_adjusted_and_counted_where_they_lie() {
    let app = TestApp::start().await;
    let house = Warehouses::open(&app).await;
    let (first, second, owner) = (&house.first, &house.second, house.owner());
    house.transfer(None, Some(second), 4).ok().await;
    assert_eq!(house.units().await, (10, 4));
    house.transfer(Some(second), Some(first), 1).ok().await;
    assert_eq!(house.units().await, (10, 3));
    house.transfer(Some(second), None, 4).send().await.problem(409, "insufficient_stock");
    house.transfer(None, Some(first), 1).send().await.problem(422, "validation_failed");

    let adjust =
        |delta: i64| json!({ "variant_id": house.variant(), "delta": delta, "reason": "受潮", "location_id": second });
    owner.post("/v1/inventory/adjustments", adjust(-4)).send().await.problem(409, "insufficient_stock");
    owner.post("/v1/inventory/adjustments", adjust(-1)).ok().await;
    assert_eq!(house.units().await, (9, 2));

    let count = |location: &Value, counted: i64| {
        let counts = json!([{ "variant_id": house.variant(), "counted": counted }]);
        owner.post("/v1/inventory/counts", json!({ "location_id": location, "reason": "盘点", "counts": counts }))
    };
    count(second, 5).ok().await;
    assert_eq!(house.units().await, (12, 5));
    count(first, 0).ok().await;
    assert_eq!(house.units().await, (5, 5));

    let movements =
        owner.get(format!("/v1/inventory/movements?variant_id={}", house.variant().as_str().unwrap())).ok().await;
    let told: Vec<_> = movements["data"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|row| (row["kind"].as_str().unwrap(), row["delta"].as_i64().unwrap(), row["on_hand"].as_i64().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("initial", 10, 10),
            ("transfer", -4, 10),
            ("transfer", 4, 10),
            ("transfer", -1, 10),
            ("transfer", 1, 10),
            ("adjustment", -1, 9),
            ("count", 3, 12),
            ("count", -7, 5)
        ]
    );
    let used = owner.delete(format!("/v1/locations/{}", second.as_str().unwrap())).send().await.problem(409, "in_use");
    assert_eq!(used["used_by"], json!([house.variant()]));
    owner.delete(format!("/v1/locations/{}", first.as_str().unwrap())).send().await.problem(409, "in_use");
    house.transfer(Some(second), None, 5).ok().await;
    assert_eq!(owner.delete(format!("/v1/locations/{}", second.as_str().unwrap())).send().await.status, 204);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_takes_from_the_default_location_first_and_a_count_keeps_what_is_promised() {
    let app = TestApp::start().await;
    let house = Warehouses::open(&app).await;
    house.transfer(None, Some(&house.second), 7).ok().await;
    let buyer = app.firm("shop-foshan").await;
    let order = buyer.orders(&house.product, 5).await;
    let counts = json!([{ "variant_id": house.variant(), "counted": 1 }]);
    let body = json!({ "location_id": house.second, "reason": "盘点", "counts": counts });
    house.owner().post("/v1/inventory/counts", body).send().await.problem(409, "insufficient_stock");
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    assert_eq!(house.units().await, (5, 5));
    let sales = house.owner().get("/v1/inventory/movements?limit=2").ok().await;
    let sold: Vec<_> = sales["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["location_id"], row["delta"].as_i64().unwrap()))
        .collect();
    assert_eq!(sold, [(&house.second, -2), (&Value::Null, -3)]);
}

/// Everybody moves, sells and counts at once: what lies at the locations is what there is, and none of it is negative.
#[tokio::test(flavor = "multi_thread")]
async fn at_once_nothing_is_lost_and_nothing_is_negative() {
    let app = TestApp::start().await;
    let house = Warehouses::open(&app).await;
    let second = &house.second;
    let mut moves = Vec::new();
    for number in 0..30 {
        let (from, to) = if number % 3 == 0 { (Some(second), None) } else { (None, Some(second)) };
        moves.push(house.transfer(from, to, 1 + number % 4).send());
    }
    let answers = futures_util::future::join_all(moves).await;
    assert!(
        answers.iter().all(|answer| matches!(answer.status, 201 | 409)),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    let there: i64 = app.count("SELECT coalesce(sum(on_hand), 0)::bigint AS count FROM stock_levels");
    assert_eq!(house.units().await, (10, there));
    assert_eq!(app.count("SELECT elsewhere AS count FROM product_variants"), there);
    assert_eq!(app.count("SELECT sum(delta)::bigint AS count FROM stock_movements WHERE kind = 'transfer'"), 0);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locations_have_names_of_their_own_and_counts_name_known_variants() {
    let app = TestApp::start().await;
    let house = Warehouses::open(&app).await;
    let other = app.firm("shop-foshan").await;
    house.owner().post("/v1/locations", json!({ "name": "深圳仓" })).send().await.problem(409, "name_taken");
    let path = format!("/v1/locations/{}", house.second.as_str().unwrap());
    let renamed = house.owner().patch(&path, json!({ "name": "宝安仓" })).ok().await;
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("宝安仓"), &json!(2)));
    other.owner.patch(&path, json!({ "name": "X" })).send().await.problem(404, "not_found");
    let theirs = other.publishes("耳机", 9_900, Some(1)).await["variants"][0]["id"].clone();
    let counts = json!([{ "variant_id": house.variant(), "counted": 3 }, { "variant_id": theirs, "counted": 3 }]);
    let refused =
        house.owner().post("/v1/inventory/counts", json!({ "reason": "盘点", "counts": counts })).send().await;
    assert_eq!(refused.problem(422, "validation_failed")["errors"][0]["pointer"], "/counts/1/variant_id");
    assert_eq!(house.units().await, (10, 0));
    app.run_jobs().await;
}
