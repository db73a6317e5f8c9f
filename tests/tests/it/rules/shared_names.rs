//! What two firms name alike stays apart, and what one of them has does not show in what the other is told.

use super::{
    crawl::{Known, crawl},
    requests::Operation,
};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, Firm, TestApp, address, product};

/// Words of PostgreSQL's errors.
const INNARDS: [&str; 8] =
    ["constraint", "duplicate key", "violates", "Key (", "relation \"", "SQLSTATE", "tenant_isolation", "row-level"];

/// A problem that says nothing of the database's.
fn tells_nothing(answer: &Answer) {
    let text = answer.text();
    let told: Vec<_> = INNARDS.iter().filter(|word| text.contains(*word)).collect();
    assert!(told.is_empty() && answer.status < 500, "{told:?} in {}: {text}", answer.status);
}

/// One of everything that has a name, under the same names for everybody.
fn named() -> [(&'static str, Value); 4] {
    [
        ("/v1/products", product("凤凰单丛", "SAME-1", 12_800, Some(3))),
        ("/v1/buckets", json!({ "name": "docs" })),
        ("/v1/invitations", json!({ "email": "guest@guests.example", "role": "viewer" })),
        ("/v1/roles", json!({ "name": "Packer", "permissions": ["orders:read"] })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_t27_a_name_is_free_although_another_firm_uses_it() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    for (path, body) in named() {
        tea.owner.post(path, body.clone()).ok().await;
        parts.owner.post(path, body.clone()).ok().await;
        let taken = parts.owner.post(path, body).send().await;
        assert_eq!(taken.status, 409, "{path}: {}", taken.text());
        tells_nothing(&taken);
    }
    // What is unique on the platform is told without saying whose it is.
    let slug = tea.owner.get("/v1/tenant").ok().await["slug"].clone();
    let taken = parts.owner.patch("/v1/tenant", json!({ "slug": slug })).send().await;
    assert_eq!(taken.status, 409, "{}", taken.text());
    tells_nothing(&taken);
    assert!(!taken.text().contains(&tea.id) && !taken.text().contains(&tea.email));
    app.run_jobs().await;
}

/// Everything that the suite can ask for wrongly, with ids of another firm in play.
#[tokio::test(flavor = "multi_thread")]
async fn t27_refusals_show_nothing_of_the_database() {
    let app = TestApp::start().await;
    let (seller, buyer) = crate::trade::a_completed_sale(&app).await;
    let mut foreign = Known::default();
    crawl(&seller.owner, &mut foreign).await;
    let fill = |kind: &str| {
        let known = foreign.of(kind).next().cloned();
        known.unwrap_or_else(|| super::requests::nobodys(kind))
    };
    let mut refused = 0;
    // Nobody asks anything any more in a firm that has closed.
    let asked = |operation: &Operation| operation.secured() && !operation.streams() && operation.id() != "close_tenant";
    for operation in Operation::all().filter(asked) {
        let answer = operation.send(&buyer.owner, &operation.path(&fill), operation.body("", &fill)).await;
        if answer.status >= 400 {
            tells_nothing(&answer);
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused} operations refused");
    app.run_jobs_that_may_fail().await;
}

/// T03: an order with one line that is not to be had is no order at all.
#[tokio::test(flavor = "multi_thread")]
async fn t03_one_foreign_line_among_others_refuses_the_whole_order() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let sold = seller.publishes("凤凰单丛", 12_800, Some(5)).await;
    let hidden = seller.owner.post("/v1/products", product("样品", "HIDDEN-1", 100, Some(5))).ok().await;
    let line = |product: &Value| json!({ "variant_id": product["variants"][0]["id"], "quantity": 1 });
    for lines in [[line(&sold), line(&hidden)], [line(&hidden), line(&sold)]] {
        let body = json!({ "lines": lines, "shipping_address": address() });
        let answer = buyer.owner.post("/v1/purchases", body).send().await;
        assert!(matches!(answer.status, 404 | 409 | 422), "{} {}", answer.status, answer.text());
        assert!(!answer.text().contains("HIDDEN-1") && !answer.text().contains("样品"), "{}", answer.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM orders"), 0);
    assert_eq!(app.count("SELECT sum(reserved)::bigint AS count FROM product_variants"), 0);
    app.run_jobs().await;
}

/// T15: nobody between us and a member keeps an answer, and another's validator opens nothing.
#[tokio::test(flavor = "multi_thread")]
async fn t15_answers_to_members_are_not_to_be_kept() {
    let app = TestApp::start().await;
    let (seller, buyer) = crate::trade::a_completed_sale(&app).await;
    let answers = crawl(&seller.owner, &mut Known::default()).await;
    assert!(answers.len() > 20);
    for ((operation, path), answer) in &answers {
        let secured = Operation::all().find(|known| known.id() == *operation).unwrap().secured();
        let caching = answer.header("cache-control");
        assert!(!secured || caching.contains("no-store") || caching.contains("private"), "{path}: {caching:?}");
    }
    let file = "/v1/buckets/docs/files/tea.txt";
    seller.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    let stored = seller.owner.request(Method::PUT, file).bytes("tea").send().await;
    for client in [&buyer.owner, app.visitor()] {
        let answer = client.get(file).header("if-none-match", stored.header("etag")).send().await;
        assert!(matches!(answer.status, 401 | 404), "{} {}", answer.status, answer.text());
    }
    app.run_jobs().await;
}

async fn paths(client: &Client) -> Vec<String> {
    let files = client.get("/v1/buckets/docs/files?limit=100").ok().await;
    files["data"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

/// T16: a path is a firm's own, however it is written.
#[tokio::test(flavor = "multi_thread")]
async fn t16_the_same_paths_in_two_firms_are_different_files() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let put = |firm: &Firm, path: &str, bytes: &'static str| {
        firm.owner.request(Method::PUT, format!("/v1/buckets/docs/files/{path}")).bytes(bytes)
    };
    for (firm, bytes) in [(&tea, "tea"), (&parts, "parts")] {
        firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
        put(firm, "a/b.txt", bytes).ok().await;
    }
    // Two spellings of one letter are one name, two cases are two.
    for path in ["caf%C3%A9.txt", "cafe%CC%81.txt", "CAF%C3%89.txt", "a/B.txt", "a/b.txt2"] {
        put(&tea, path, "twin").ok().await;
    }
    for (firm, bytes) in [(&tea, "tea"), (&parts, "parts")] {
        let read = firm.owner.get("/v1/buckets/docs/files/a/b.txt").send().await;
        assert_eq!((read.status, read.text().as_str()), (200, bytes));
    }
    assert_eq!((paths(&tea.owner).await.len(), paths(&parts.owner).await), (5, vec!["a/b.txt".to_owned()]));
    tea.owner.delete("/v1/buckets/docs/files/a/b.txt").ok().await;
    assert_eq!(parts.owner.get("/v1/buckets/docs/files/a/b.txt").send().await.text(), "parts");
    for trick in ["..%2F..%2Fdocs%2Fa%2Fb.txt", "%2E%2E/docs/files/a/b.txt", "a%2F%2Fb.txt", "a/./b.txt"] {
        let answer = tea.owner.get(format!("/v1/buckets/docs/files/{trick}")).unchecked().send().await;
        assert!(matches!(answer.status, 400 | 404 | 422), "{trick}: {} {}", answer.status, answer.text());
    }
    app.run_jobs().await;
}
