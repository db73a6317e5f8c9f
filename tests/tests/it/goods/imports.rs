//! A firm brings its products in a spreadsheet, and takes them out in one.

use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Client, Firm, TestApp};

const HEADINGS: &str = "货号,商品分组,商品名称,规格,价格,阶梯价,库存,标签\n";

async fn stored(owner: &Client, name: &str, bytes: impl Into<reqwest::Body>) -> String {
    let file = owner.request(Method::PUT, format!("/v1/buckets/sheets/files/{name}")).bytes(bytes).ok().await;
    file["id"].as_str().unwrap().to_owned()
}

async fn firm(app: &TestApp, name: &str) -> Firm {
    let firm = app.firm(name).await;
    firm.owner.post("/v1/buckets", json!({ "name": "sheets" })).ok().await;
    firm
}

/// Imports a stored file and waits for the end.
async fn import(app: &TestApp, owner: &Client, body: Value) -> Value {
    let begun = owner.post("/v1/product-imports", body).ok().await;
    assert_eq!((&begun["state"], &begun["rows_total"]), (&"running".into(), &Value::Null));
    app.run_jobs().await;
    owner.get(format!("/v1/product-imports/{}", begun["id"].as_str().unwrap())).ok().await
}

fn counts(import: &Value) -> [i64; 5] {
    ["products", "created", "updated", "unchanged", "failed"].map(|name| import[name].as_i64().unwrap())
}

async fn rows(owner: &Client, import: &Value, query: &str) -> Vec<Value> {
    let path = format!("/v1/product-imports/{}/rows?{query}", import["id"].as_str().unwrap());
    let page = owner.get(path).header("accept-language", "zh-CN").ok().await;
    page["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_rehearsed_applied_and_changes_nothing_once_more() {
    let app = TestApp::start().await;
    let firm = firm(&app, "tea").await;
    let owner = &firm.owner;
    let sheet = format!(
        "{HEADINGS}TEA-500,单丛,凤凰单丛,包装=500克,128.00,10:118;50:99.5,100,茶;潮州\nTEA-1000,单丛,,包装=1000克,238,,,\n\
         CUP,,盖碗,,\"1,280.00\",,5,\n"
    );
    let file = stored(owner, "茶.csv", sheet).await;
    let rehearsed = import(&app, owner, json!({ "file_id": file, "mode": "dry_run" })).await;
    assert_eq!((&rehearsed["state"], counts(&rehearsed)), (&"done".into(), [2, 3, 0, 0, 0]), "{rehearsed}");
    assert_eq!(owner.get("/v1/products").ok().await["data"], json!([]), "a rehearsal writes nothing");
    assert_eq!(app.count("SELECT count(*) FROM stock_movements"), 0);

    let applied = import(&app, owner, json!({ "file_id": file, "mode": "apply", "publish": true })).await;
    assert_eq!((counts(&applied), &applied["rows_total"]), ([2, 3, 0, 0, 0], &3.into()));
    let products = owner.get("/v1/products").ok().await;
    let tea = products["data"].as_array().unwrap().iter().find(|p| p["title"] == "凤凰单丛").unwrap();
    assert_eq!((&tea["status"], &tea["tags"]), (&"published".into(), &json!(["茶", "潮州"])));
    assert_eq!(tea["variants"][0]["price_tiers"][1], json!({ "min_quantity": 50, "price_minor": 9950 }));
    assert_eq!((&tea["variants"][1]["sku"], &tea["variants"][1]["price_minor"]), (&"TEA-1000".into(), &23_800.into()));
    let found = app.visitor().get("/v1/market/products?q=%E7%9B%96%E7%A2%97").ok().await;
    assert_eq!(found["data"][0]["title"], "盖碗");

    let version = tea["version"].clone();
    let again = import(&app, owner, json!({ "file_id": file, "mode": "apply" })).await;
    assert_eq!(counts(&again), [0, 0, 0, 3, 0]);
    let same = owner.get(format!("/v1/products/{}", tea["id"].as_str().unwrap())).ok().await;
    assert_eq!(same["version"], version, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_wrong_is_told_in_both_languages_and_stops_no_other() {
    let app = TestApp::start().await;
    let firm = firm(&app, "tea").await;
    let owner = &firm.owner;
    let sheet = format!(
        "{HEADINGS}A,,茶,,便宜,,,\nB,,茶,,1.005,,,\nC,,,,1,,,\nD,组,壶,,5,,,\nE,组,,,5,10:6,,\nA,,茶,,2,,,\nF,,杯,,3,,-1,\n,,无,,1,,,\nG,,碗\u{86}大,,4,,,\n"
    );
    let file = stored(owner, "x.csv", sheet).await;
    let done = import(&app, owner, json!({ "file_id": file, "mode": "apply" })).await;
    assert_eq!(counts(&done), [1, 1, 0, 0, 8], "{done}");
    let failed = rows(owner, &done, "outcome=failed").await;
    let told: Vec<_> = failed
        .iter()
        .map(|row| {
            let error = &row["errors"][0];
            (row["row"].as_i64().unwrap(), error["column"].as_str().unwrap_or("-"), error["code"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "price", "unreadable"),
            (3, "price", "too_fine"),
            (4, "title", "required"),
            (5, "product", "another_row"),
            (6, "price_tiers", "rising_price"),
            (7, "sku", "sku_twice"),
            (8, "stock", "unreadable"),
            (9, "sku", "required"),
        ]
    );
    assert_eq!(failed[5]["errors"][0]["detail"], "与第 2 行的 SKU 重复");
    let right = rows(owner, &done, "outcome=created").await;
    assert_eq!((right[0]["sku"].as_str(), right[0]["product_id"].is_string()), (Some("G"), true));
    assert_eq!(owner.get("/v1/products").ok().await["data"][0]["title"], "碗 大", "without what programs leave behind");
    let page = format!("/v1/product-imports/{}/rows?limit=4", done["id"].as_str().unwrap());
    let first = owner.get(&page).ok().await;
    let second = owner.get(format!("{page}&cursor={}", first["next_cursor"].as_str().unwrap())).ok().await;
    assert_eq!(second["data"][0]["row"], 6);

    let stranger = app.firm("other").await;
    stranger.owner.get(&page).send().await.problem(404, "not_found");
    let foreign = json!({ "file_id": file, "mode": "apply" });
    let refused = stranger.owner.post("/v1/product-imports", foreign).send().await.problem(422, "validation_failed");
    assert_eq!(refused["errors"][0]["pointer"], "/file_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_what_it_means_and_empty_cells_say_nothing() {
    let app = TestApp::start().await;
    let firm = firm(&app, "tea").await;
    let owner = &firm.owner;
    let root = owner.post("/v1/categories", json!({ "name": "茶叶" })).ok().await;
    let leaf = owner.post("/v1/categories", json!({ "name": "乌龙", "parent_id": root["id"] })).ok().await;
    let new = json!({ "title": "单丛", "description": "好茶", "tags": ["茶"], "variants": [
        { "sku": "A", "price_minor": 100, "currency": "CNY", "stock": 7 },
        { "sku": "B", "price_minor": 200, "currency": "CNY" }] });
    let product = owner.post("/v1/products", new).ok().await;
    let path = format!("/v1/products/{}", product["id"].as_str().unwrap());
    // The headings are the firm's own words, the bytes GB18030.
    let sheet = "我的编号,价格,库存,分类,品名\nA,1.50,99,茶叶/乌龙,\nC,3,4,,\n";
    let bytes = encoding_rs::GB18030.encode(sheet).0.into_owned();
    let file = stored(owner, "change.csv", bytes).await;
    let body = json!({ "file_id": file, "mode": "apply", "mapping": { "我的编号": "sku" } });
    let done = import(&app, owner, body).await;
    assert_eq!(counts(&done), [0, 0, 1, 0, 1], "C names no product: {done}");
    let changed = owner.get(&path).ok().await;
    assert_eq!((&changed["description"], &changed["category_id"]), (&"好茶".into(), &leaf["id"]));
    let first = &changed["variants"][0];
    assert_eq!((&first["price_minor"], &first["stock"]), (&150.into(), &7.into()), "orders count stock, not sheets");
    assert_eq!(changed["variants"][1]["sku"], "B", "what a sheet leaves out stays");

    // Rows about one product that do not stand together: the second keeps what the first has changed.
    let prices = stored(owner, "prices.csv", "sku,price\nA,5\nB,6\n").await;
    let done = import(&app, owner, json!({ "file_id": prices, "mode": "apply" })).await;
    assert_eq!(counts(&done), [0, 0, 2, 0, 0], "{done}");
    let changed = owner.get(&path).ok().await;
    let minor = |place: usize| changed["variants"][place]["price_minor"].as_i64();
    assert_eq!((minor(0), minor(1)), (Some(500), Some(600)));

    let none = stored(owner, "no.csv", "名称\n茶\n").await;
    let done = import(&app, owner, json!({ "file_id": none, "mode": "apply" })).await;
    assert_eq!((&done["state"], &done["problem"]), (&"failed".into(), &"no_sku_column".into()));
    let picture = stored(owner, "no.bin", vec![0_u8; 64]).await;
    let done = import(&app, owner, json!({ "file_id": picture, "mode": "apply" })).await;
    assert_eq!(done["problem"], "not_a_sheet");
    let open = stored(owner, "open.csv", format!("sku\nA\n\"{}", "x".repeat(3 << 20))).await;
    let done = import(&app, owner, json!({ "file_id": open, "mode": "apply" })).await;
    assert_eq!((&done["problem"], &done["problem_row"]), (&"row_too_long".into(), &3.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a07_what_is_exported_is_no_formula_and_comes_back_as_it_was() {
    let app = TestApp::start().await;
    let firm = firm(&app, "tea").await;
    let owner = &firm.owner;
    let category = owner.post("/v1/categories", json!({ "name": "茶/咖啡" })).ok().await;
    let texts = ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(1)", "＝1", "'quoted", "plain"];
    for (number, title) in texts.iter().enumerate() {
        let variants = json!([
            { "sku": format!("S{number}"), "price_minor": 12_850, "currency": "CNY", "options": { "色;彩": "红=暗" },
              "price_tiers": [{ "min_quantity": 10, "price_minor": 9_900 }], "gtin": "04006381333931", "stock": 3 }
        ]);
        let body = json!({ "title": title, "description": " 一\n二, \"三\"\n", "variants": variants,
            "category_id": category["id"], "tags": ["茶; 茶", "a/b=c", "\\"] });
        owner.post("/v1/products", body).ok().await;
    }
    for format in ["csv", "xlsx"] {
        let sheet = owner.get(format!("/v1/product-export?format={format}")).send().await;
        assert_eq!(sheet.status, 200);
        if format == "csv" {
            let text = sheet.text();
            for title in &texts[..6] {
                assert!(text.contains(&format!("\"'{}\"", title.replace('"', "\"\""))), "{title} in {text}");
            }
        }
        let file = stored(owner, &format!("back.{format}"), sheet.body.clone()).await;
        let done = import(&app, owner, json!({ "file_id": file, "mode": "apply" })).await;
        assert_eq!((&done["state"], counts(&done)), (&"done".into(), [0, 0, 0, 7, 0]), "{format}: {done}");
        let template = owner.get(format!("/v1/product-import-template?format={format}&language=en")).send().await;
        let file = stored(owner, &format!("template.{format}"), template.body.clone()).await;
        let done = import(&app, owner, json!({ "file_id": file, "mode": "dry_run" })).await;
        assert_eq!((&done["state"], counts(&done)), (&"done".into(), [1, 2, 0, 0, 0]), "{format}: {done}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_counts_against_the_plan_as_the_import_does() {
    let app = TestApp::start().await;
    let firm = firm(&app, "tea").await;
    let owner = &firm.owner;
    app.database.sql("UPDATE limits SET maximum = 150 WHERE meter = 'products'");
    let lines: Vec<_> = (0..200).map(|number| format!("S{number},,茶{number},,1,,,\n")).collect();
    let file = stored(owner, "many.csv", format!("{HEADINGS}{}", lines.concat())).await;
    for mode in ["dry_run", "apply"] {
        let done = import(&app, owner, json!({ "file_id": file, "mode": mode })).await;
        assert_eq!(counts(&done), [150, 150, 0, 0, 50], "{mode}");
        let failed = rows(owner, &done, "outcome=failed&limit=1").await;
        assert_eq!(
            (&failed[0]["row"], &failed[0]["errors"][0]["code"]),
            (&152.into(), &"product_limit_reached".into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_a_firm_that_is_held_shows_nothing() {
    let app = TestApp::start().await;
    let firm = firm(&app, "tea").await;
    let file = stored(&firm.owner, "a.csv", "sku,title,price\nA,茶,1\n").await;
    app.run_jobs().await;
    let body = json!({ "file_id": file, "mode": "apply", "publish": true });
    let begun = firm.owner.post("/v1/product-imports", body).ok().await;
    app.database.sql("UPDATE tenants SET status = 'suspended'");
    app.run_jobs().await;
    app.database.sql("UPDATE tenants SET status = 'active'");
    let ended = firm.owner.get(format!("/v1/product-imports/{}", begun["id"].as_str().unwrap())).ok().await;
    assert_eq!((&ended["state"], &ended["problem"]), (&"failed".into(), &"firm_held".into()));
    assert_eq!(app.count("SELECT count(*) FROM products"), 0);
}

/// The worker dies in the middle of an import, as far as its job can tell: what is done is passed over by the next attempt.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_where_it_was_cut() {
    let mut app = TestApp::behind_a_proxy().await;
    let firm = firm(&app, "tea").await;
    let owner = &firm.owner;
    let lines: Vec<_> = (0..350).map(|number| format!("S{number},,茶{number},,1,,9,\n")).collect();
    let file = stored(owner, "many.csv", format!("{HEADINGS}{}", lines.concat())).await;
    app.run_jobs().await;
    let body = json!({ "file_id": file, "mode": "apply" });
    let begun = owner.post("/v1/product-imports", body).ok().await;
    // Each transaction of the job is cut once, before or after it has taken effect.
    let mut cuts = 0;
    for (number, cut) in (4..8).zip([tests::Cut::Before, tests::Cut::After, tests::Cut::Reply].iter().cycle()) {
        app.proxy().cut(*cut, number);
        app.run_jobs_that_may_fail().await;
        cuts += i32::from(app.proxy().heal().await);
        // A lease whose end was cut off runs out.
        app.database.sql("UPDATE jobs SET lease_until = clock_timestamp() - interval '1 s' WHERE state = 'running'");
        app.clock.advance(chrono::Duration::from_std(Duration::from_mins(70)).unwrap());
    }
    assert_eq!(cuts, 4, "each was made");
    app.pass(chrono::Duration::hours(2)).await;
    app.forgive_dead_jobs();
    let owner = app.signed_in_again(&firm).await.owner;
    let done = owner.get(format!("/v1/product-imports/{}", begun["id"].as_str().unwrap())).ok().await;
    assert_eq!((&done["state"], counts(&done)), (&"done".into(), [350, 350, 0, 0, 0]), "{done}");
    assert_eq!(app.count("SELECT count(*) FROM products"), 350);
    assert_eq!(app.count("SELECT sum(on_hand)::bigint AS count FROM product_variants"), 9 * 350);
}
