//! The market over HTTP: found at once, narrowed, marked, proposed, cached.

use serde_json::json;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_finds_narrows_and_asks_again_by_tag() {
    let app = TestApp::start().await;
    let seller = app.firm("tea-chaozhou").await;
    let tea = seller.publishes("凤凰单丛 <蜜兰香> 500g", 12_800, Some(10)).await;
    seller.publishes("武夷岩茶 大红袍", 9_900, Some(10)).await;
    let visitor = app.visitor();
    let search = "/v1/market/products?q=%E5%96%AE%E5%8F%A2"; // 單叢

    let found = visitor.get(search).send().await;
    assert_eq!((found.status, found.header("cache-control")), (200, "public, no-cache"));
    let page = found.value();
    assert_eq!((page["data"].as_array().unwrap().len(), &page["data"][0]["id"]), (1, &tea["id"]), "{page:#}");
    assert_eq!(page["data"][0]["highlight"]["title"], "凤凰<mark>单丛</mark> &lt;蜜兰香&gt; 500g");
    assert_eq!((&page["facets"]["counted"], &page["corrected"]), (&json!(1), &json!(null)));
    let tag = found.header("etag").to_owned();
    assert_eq!(visitor.get(search).header("If-None-Match", &tag).send().await.status, 304);
    seller.publishes("单丛 茶包", 500, None).await;
    let changed = visitor.get(search).header("If-None-Match", &tag).send().await;
    assert_eq!((changed.status, changed.value()["data"].as_array().unwrap().len()), (200, 2));

    app.pass(chrono::Duration::seconds(20)).await;
    let proposed = visitor.get("/v1/market/suggestions?q=dc").ok().await;
    assert_eq!(proposed, json!({ "data": ["单丛"] }));
    assert_eq!(visitor.get("/v1/market/categories").ok().await, json!({ "data": [] }));
    let refused = visitor.get("/v1/market/products?attributes=red").send().await;
    assert_eq!((refused.status, &refused.value()["errors"][0]["pointer"]), (422, &json!("?attributes")));
}
