//! On sale and off, by hand and by the clock; and changes that buyers see as a whole or not at all.

use chrono::Duration;
use kernel::Clock;
use serde_json::{Value, json};
use tests::{Firm, TestApp};

fn path(product: &Value) -> String {
    format!("/v1/products/{}", product["id"].as_str().unwrap())
}

/// What a visitor sees: title and first price, or nothing.
async fn seen(app: &TestApp, product: &Value) -> Option<(String, i64)> {
    let answer = app.visitor().get(format!("/v1/market/products/{}", product["id"].as_str().unwrap())).send().await;
    let listing = (answer.status == 200).then(|| answer.value())?;
    Some((listing["title"].as_str().unwrap().to_owned(), listing["variants"][0]["price_minor"].as_i64().unwrap()))
}

async fn draft(firm: &Firm, title: &str) -> Value {
    firm.owner.post("/v1/products", tests::product(title, title, 12_800, Some(9))).ok().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_as_a_change_goes_live_as_a_whole() {
    let app = TestApp::start().await;
    let (firm, buyer) = app.two_firms().await;
    let owner = &firm.owner;
    let product = firm.publishes("凤凰单丛", 12_800, Some(9)).await;
    let sku = product["variants"][0]["sku"].clone();
    let change = format!("{}?as=change", path(&product));
    owner.patch(&change, json!({ "title": "铁观音" })).ok().await;
    let dearer = json!([{ "sku": sku, "price_minor": 15_000, "currency": "CNY" }]);
    let written = owner.patch(&change, json!({ "variants": dearer })).ok().await;
    assert_eq!((&written["title"], &written["change"]["title"]), (&json!("凤凰单丛"), &json!("铁观音")));
    assert_eq!(seen(&app, &product).await, Some(("凤凰单丛".into(), 12_800)));
    let order = buyer.orders(&product, 1).await;
    assert_eq!((&order["lines"][0]["title"], &order["total_minor"]), (&json!("凤凰单丛"), &json!(12_800)));

    let live = owner.post(format!("{}/publish", path(&product)), json!({})).ok().await;
    assert_eq!(
        (&live["title"], &live["change"], &live["status"]),
        (&json!("铁观音"), &Value::Null, &json!("published"))
    );
    assert_eq!(
        live["variants"][0]["id"], product["variants"][0]["id"],
        "the variant is the same, with its promised unit"
    );
    assert_eq!((&live["variants"][0]["stock"], &live["variants"][0]["reserved"]), (&json!(9), &json!(1)));
    assert_eq!(seen(&app, &product).await, Some(("铁观音".into(), 15_000)));
    assert_eq!(owner.post(format!("{}/publish", path(&product)), json!({})).ok().await["version"], live["version"]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_go_live_changes_nothing() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let owner = &firm.owner;
    let product = firm.publishes("凤凰单丛", 12_800, Some(9)).await;
    let change = format!("{}?as=change", path(&product));
    owner.patch(&change, json!({ "title": " " })).send().await.problem(422, "validation_failed");
    owner.patch(&change, json!({ "variants": [] })).send().await.problem(409, "product_without_variants");
    other.owner.patch(&change, json!({ "title": "X" })).send().await.problem(404, "not_found");
    // The SKU is taken by somebody else before the change goes live.
    let variant = |sku: Value| json!({ "sku": sku, "price_minor": 100, "currency": "CNY" });
    let variants = json!([variant(product["variants"][0]["sku"].clone()), variant("LATE".into())]);
    owner.patch(&change, json!({ "title": "铁观音", "variants": variants })).ok().await;
    draft(&firm, "LATE").await;
    owner.post(format!("{}/publish", path(&product)), json!({})).send().await.problem(409, "sku_taken");
    assert_eq!(seen(&app, &product).await, Some(("凤凰单丛".into(), 12_800)));
    assert_eq!(owner.get(path(&product)).ok().await["change"]["title"], "铁观音", "it is not lost");
    assert_eq!(owner.delete(format!("{}/change", path(&product))).send().await.status, 204);
    owner.delete(format!("{}/change", path(&product))).send().await.problem(404, "not_found");
    assert_eq!(owner.get(path(&product)).ok().await["change"], Value::Null);
    // Nobody sees a draft: it is changed at once.
    let plain = draft(&firm, "DRAFT").await;
    let changed = owner.patch(format!("{}?as=change", path(&plain)), json!({ "title": "B" })).ok().await;
    assert_eq!((&changed["title"], &changed["change"]), (&json!("B"), &Value::Null));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_speaks_of_is_not_written_past_it() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let owner = &firm.owner;
    let product = firm.publishes("凤凰单丛", 12_800, Some(9)).await;
    let (here, change) = (path(&product), format!("{}?as=change", path(&product)));
    let dearer = json!([{ "sku": product["variants"][0]["sku"], "price_minor": 15_000, "currency": "CNY" }]);
    owner.patch(&change, json!({ "title": "铁观音", "variants": dearer })).ok().await;
    let variant = format!("{here}/variants/{}", product["variants"][0]["id"].as_str().unwrap());
    let waits = "product_change_waits";
    owner.patch(&variant, json!({ "sku": "A2" })).send().await.problem(409, waits);
    owner.delete(&variant).send().await.problem(409, waits);
    let more = json!({ "sku": "B", "price_minor": 100, "currency": "CNY" });
    owner.post(format!("{here}/variants"), more).send().await.problem(409, waits);
    owner.patch(&here, json!({ "title": "水仙" })).send().await.problem(409, waits);
    owner.patch(&here, json!({ "tags": ["茶"] })).ok().await;
    // Off sale, the change waits still and takes what is written as one.
    owner.post(format!("{here}/unpublish"), json!({})).ok().await;
    owner.patch(&here, json!({ "title": "水仙" })).send().await.problem(409, waits);
    let written = owner.patch(&change, json!({ "title": "水仙" })).ok().await;
    assert_eq!((&written["title"], &written["change"]["title"]), (&json!("凤凰单丛"), &json!("水仙")));
    let live = owner.post(format!("{here}/publish"), json!({})).ok().await;
    assert_eq!((&live["title"], &live["tags"]), (&json!("水仙"), &json!(["茶"])));
    assert_eq!(
        (&live["variants"][0]["id"], &live["variants"][0]["stock"], &live["variants"][0]["price_minor"]),
        (&product["variants"][0]["id"], &json!(9), &json!(15_000))
    );
    owner.patch(&variant, json!({ "sku": "A2" })).ok().await;
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_kept_to_the_second() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let product = draft(&firm, "凤凰单丛").await;
    let (on, off) = (app.clock.now() + Duration::minutes(5), app.clock.now() + Duration::minutes(9));
    let plan = json!({ "publish_at": on, "unpublish_at": off });
    firm.owner.post(format!("{}/schedule", path(&product)), plan).ok().await;
    app.pass(Duration::seconds(299)).await;
    assert_eq!(seen(&app, &product).await, None, "a second too early");
    app.pass(Duration::seconds(1)).await;
    assert_eq!(seen(&app, &product).await, Some(("凤凰单丛".into(), 12_800)));
    app.pass(Duration::seconds(239)).await;
    assert!(seen(&app, &product).await.is_some(), "a second too early");
    app.pass(Duration::seconds(1)).await;
    assert_eq!(seen(&app, &product).await, None);
    let firm = app.signed_in_again(&firm).await;
    let after = firm.owner.get(path(&product)).ok().await;
    assert_eq!(
        (&after["status"], &after["publish_at"], &after["unpublish_at"]),
        (&json!("draft"), &Value::Null, &Value::Null)
    );
    assert!(firm.event_types().await.ends_with(&["product.published".into(), "product.updated".into()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_goes_live_by_the_clock_and_a_lost_job_is_found() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let product = firm.publishes("凤凰单丛", 12_800, Some(9)).await;
    firm.owner.patch(format!("{}?as=change", path(&product)), json!({ "title": "铁观音" })).ok().await;
    let plan = json!({ "publish_at": app.clock.now() + Duration::minutes(5) });
    firm.owner.post(format!("{}/schedule", path(&product)), plan).ok().await;
    app.database.sql("DELETE FROM jobs WHERE kind = 'catalogue.apply_schedule'");
    app.pass(Duration::minutes(4)).await;
    assert_eq!(seen(&app, &product).await.unwrap().0, "凤凰单丛");
    app.pass(Duration::minutes(2)).await;
    assert_eq!(seen(&app, &product).await.unwrap().0, "铁观音");
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_lie_in_the_future_and_what_is_off_sale_is_not_sold() {
    let app = TestApp::start().await;
    let (firm, buyer) = app.two_firms().await;
    let product = firm.publishes("凤凰单丛", 12_800, Some(9)).await;
    let now = app.clock.now();
    for (plan, code) in [
        (json!({ "publish_at": now }), "in_the_past"),
        (
            json!({ "publish_at": now + Duration::days(2), "unpublish_at": now + Duration::days(1) }),
            "ends_before_it_begins",
        ),
    ] {
        let refused = firm.owner.post(format!("{}/schedule", path(&product)), plan).send().await;
        assert_eq!(refused.problem(422, "validation_failed")["errors"][0]["code"], code);
    }
    let order = buyer.orders(&product, 2).await;
    let off = firm.owner.post(format!("{}/unpublish", path(&product)), json!({})).ok().await;
    assert_eq!(off["status"], "draft");
    assert_eq!(seen(&app, &product).await, None);
    buyer.tries_to_order(&product, 1).send().await.problem(422, "validation_failed");
    // What was promised is still sold.
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    assert_eq!(buyer.purchase(&order).await["status"], "paid");
    buyer.owner.post(format!("{}/unpublish", path(&product)), json!({})).send().await.problem(404, "not_found");
    app.run_jobs().await;
}
