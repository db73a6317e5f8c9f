//! Languages, names in addresses, and pictures with what they show.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Firm, TestApp};

fn path(product: &Value) -> String {
    format!("/v1/products/{}", product["id"].as_str().unwrap())
}

async fn picture(firm: &Firm, name: &str) -> Value {
    let put = firm.owner.request(Method::PUT, format!("/v1/buckets/pictures/files/{name}")).bytes(name.to_owned());
    put.ok().await["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_are_told_in_which_language_a_text_is() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let mut body = tests::product("凤凰单丛", "A", 12_800, None);
    let made = firm.owner.post("/v1/products", body.clone()).ok().await;
    assert_eq!((&made["texts"]["en"]["title"], &made["texts"]["en"]["locale"]), (&json!("凤凰单丛"), &json!("zh-CN")));
    let en = json!({ "translations": { "en": { "title": "Phoenix Oolong" } } });
    let translated = firm.owner.patch(path(&made), en).ok().await;
    let texts = &translated["texts"];
    assert_eq!((&texts["en"]["title"], &texts["en"]["locale"]), (&json!("Phoenix Oolong"), &json!("en")));
    assert_eq!(texts["zh-CN"]["locale"], "zh-CN");
    body["locale"] = "en".into();
    body["variants"][0]["sku"] = "B".into();
    assert_eq!(firm.owner.post("/v1/products", body).ok().await["texts"]["zh-CN"]["locale"], "en");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_addresses_are_unique_and_old_ones_stay() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let owner = &firm.owner;
    let mut body = tests::product("凤凰单丛 500g", "A", 12_800, None);
    body["translations"] = json!({ "en": { "title": "Phoenix Oolong" } });
    let made = owner.post("/v1/products", body).ok().await;
    assert_eq!(made["slug"], Value::Null);
    let live = owner.post(format!("{}/publish", path(&made)), json!({})).ok().await;
    let first = live["slug"].as_str().unwrap().to_owned();
    assert!(first.starts_with("凤凰单丛-500g-"), "{first}");
    assert!(live["texts"]["en"]["slug"].as_str().unwrap().starts_with("phoenix-oolong-"));

    let renamed = owner.patch(path(&made), json!({ "slug": "dancong" })).ok().await;
    assert_eq!(renamed["texts"]["zh-CN"]["slug"], "dancong");
    for name in ["dancong", first.as_str()] {
        let found = owner.get(format!("/v1/products?slug={name}")).ok().await;
        assert_eq!(
            (found["data"].as_array().unwrap().len(), &found["data"][0]["slug"]),
            (1, &json!("dancong")),
            "{name}"
        );
    }
    // Neither the present name nor an old one is given to another product, but in another language or firm it is free.
    let mut rival = tests::product("乌龙", "B", 100, None);
    for name in ["dancong", first.as_str()] {
        rival["slug"] = name.into();
        assert_eq!(
            owner.post("/v1/products", rival.clone()).send().await.problem(409, "product_slug_taken")["slug"],
            name
        );
    }
    rival["slug"] = "dancong".into();
    other.owner.post("/v1/products", rival.clone()).ok().await;
    rival["locale"] = "en".into();
    owner.post("/v1/products", rival).ok().await;
    assert_eq!(
        owner.patch(path(&made), json!({ "slug": first })).ok().await["slug"],
        json!(first),
        "one's own old name"
    );
    owner.patch(path(&made), json!({ "slug": "Dan Cong" })).send().await.problem(422, "validation_failed");
    app.run_jobs().await;
}

/// Of two products that want one name at once, one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_two_want_at_once_is_given_once() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let wish = |sku: &str| {
        let mut body = tests::product("凤凰单丛", sku, 100, None);
        body["slug"] = "dancong".into();
        firm.owner.post("/v1/products", body).send()
    };
    let skus: Vec<String> = (0..8).map(|number| format!("S{number}")).collect();
    let answers = futures_util::future::join_all(skus.iter().map(|sku| wish(sku))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 409)));
    assert_eq!(app.count("SELECT count(*) FROM products"), 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_say_what_they_show_and_one_in_use_warns_before_it_goes() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let owner = &firm.owner;
    owner.post("/v1/buckets", json!({ "name": "pictures" })).ok().await;
    let (front, back) = (picture(&firm, "front.txt").await, picture(&firm, "back.txt").await);
    let mut body = tests::product("凤凰单丛", "A", 12_800, None);
    body["media"] = json!([back, front]);
    body["media_alt"] = json!({ front.as_str().unwrap(): { "zh-CN": "正面", "en": "Front" } });
    let made = owner.post("/v1/products", body.clone()).ok().await;
    assert_eq!((&made["media"], &made["media_alt"]), (&body["media"], &body["media_alt"]));
    let refused = owner.patch(path(&made), json!({ "media": [back] })).send().await.problem(422, "validation_failed");
    assert_eq!(refused["errors"][0]["code"], "not_among_media");

    assert_eq!(owner.delete("/v1/buckets/pictures/files/front.txt").send().await.status, 204);
    let trashed = format!("/v1/trash/{}", front.as_str().unwrap());
    let warned = owner.delete(&trashed).send().await.problem(409, "file_in_use");
    assert_eq!(warned["used_by"], json!([made["id"]]));
    assert_eq!(owner.delete(format!("{trashed}?force=true")).send().await.status, 204);
    assert_eq!(owner.delete("/v1/buckets/pictures/files/back.txt").send().await.status, 204);
    owner.post(format!("{}/archive", path(&made)), json!({})).ok().await;
    assert_eq!(owner.delete(format!("/v1/trash/{}", back.as_str().unwrap())).send().await.status, 204);
    app.run_jobs().await;
}
