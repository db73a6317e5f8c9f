//! How many messages a hot request sends to PostgreSQL; each is a round trip. What sends more than stands here has become slower:
//! think again, or say why by raising the number. `make bench` shows what a round trip costs.

use serde_json::json;
use tests::{PASSWORD, TestApp, address};

/// Transaction with role, session and person, tenant, membership and firm, end.
const AUTHENTICATION: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn hot_requests_send_no_more_than_they_must() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let buyer = app.firm("shop-foshan").await;
    let products =
        [tea.publishes("凤凰单丛", 12_800, Some(900)).await, parts.publishes("连接器", 300, Some(900)).await];
    let [first, second] = products.each_ref().map(|product| product["variants"][0]["id"].as_str().unwrap());
    let buy = |variants: &[&str]| {
        let lines: Vec<_> = variants.iter().map(|id| json!({ "variant_id": id, "quantity": 1 })).collect();
        buyer.owner.post("/v1/purchases", json!({ "lines": lines, "shipping_address": address() }))
    };
    buy(&[first, second]).ok().await;
    let credentials = json!({ "email": tea.email, "password": PASSWORD });
    let new = tests::product("单丛", "NEW", 12_800, Some(40));
    let product = format!("/v1/products/{}", products[0]["id"].as_str().unwrap());
    let hot = [
        ("sign in", app.visitor().post("/v1/auth/log-in", credentials), 21),
        ("list products", tea.owner.get("/v1/products?limit=20"), AUTHENTICATION + 4),
        ("product by id", tea.owner.get(product), AUTHENTICATION + 4),
        ("create product", tea.owner.post("/v1/products", new), AUTHENTICATION + 11),
        ("place order", buy(&[first]), AUTHENTICATION + 43),
        ("place order with two sellers", buy(&[first, second]), AUTHENTICATION + 79),
        ("list purchases of two sellers", buyer.owner.get("/v1/purchases"), AUTHENTICATION + 17),
    ];
    let mut wrong = Vec::new();
    for (name, request, expected) in hot {
        let messages = app.messages_of(request).await;
        if messages.len() != expected {
            wrong.push(format!("{name}: {} instead of {expected}\n  {}", messages.len(), messages.join("\n  ")));
        }
    }
    app.run_jobs().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
