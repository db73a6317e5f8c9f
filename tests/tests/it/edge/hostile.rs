use reqwest::Method;
use serde_json::{Value, json};
use tests::{Firm, TestApp, product};

async fn firm(app: &TestApp) -> Firm {
    app.firm("tea-chaozhou").await
}

/// Replaces one place of a good body and expects a 4xx problem that names it.
async fn refuses(firm: &Firm, pointer: &str, value: Value) {
    let mut body = product("凤凰单丛", "DC-1", 12_800, Some(1));
    *body.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
    let answer = firm.owner.post("/v1/products", body).unchecked().send().await;
    assert_eq!(answer.status, 422, "{pointer} = {value}: {}", answer.text());
    let problem = answer.value();
    let named = problem["errors"].as_array().is_some_and(|errors| {
        errors
            .iter()
            .any(|error| error["pointer"].as_str().is_some_and(|p| p.trim_start_matches('#').starts_with(pointer)))
    });
    assert!(named, "{pointer} = {value} is not named: {problem:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a08_a14_h09_h18_wrong_values_are_refused_by_name() {
    let app = TestApp::start().await;
    let firm = firm(&app).await;
    for price in [
        json!(-1),
        json!(1.5),
        json!("10"),
        json!(9_223_372_036_854_775_807_i64),
        json!(null),
        json!(1e300),
        json!(true),
    ] {
        refuses(&firm, "/variants/0/price_minor", price).await;
    }
    refuses(&firm, "/variants/0/stock", json!(-5)).await;
    refuses(&firm, "/variants/0/currency", json!("XXX")).await;
    refuses(&firm, "/title", json!("nul \u{0} byte")).await;
    refuses(&firm, "/title", json!("")).await;
    refuses(&firm, "/title", json!("x".repeat(100_000))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_bodies_get_a_problem_and_never_a_5xx() {
    let app = TestApp::start().await;
    let firm = firm(&app).await;
    let post = |body: Vec<u8>, content_type: &'static str| {
        firm.owner
            .request(Method::POST, "/v1/products")
            .bytes(body)
            .header("content-type", content_type)
            .unchecked()
            .send()
    };
    let json = "application/json";
    for (body, content_type, status) in [
        (b"{".to_vec(), json, 400),
        (b"".to_vec(), json, 400),
        (b"\xff\xfe{}".to_vec(), json, 400),
        (b"{\"title\":\"\\ud800\"}".to_vec(), json, 400),
        ("[".repeat(100_000).into_bytes(), json, 400),
        (b"{\"title\":\"a\",\"title\":\"b\",\"variants\":[]}".to_vec(), json, 422),
        (b"{\"title\":\"a\",\"tenant_id\":\"x\",\"variants\":[]}".to_vec(), json, 422),
        (b"[]".to_vec(), json, 422),
        (b"{}".to_vec(), "text/plain", 415),
        (b"<a/>".to_vec(), "application/xml", 415),
        (vec![b' '; 5 << 20], json, 413),
    ] {
        let answer = post(body.clone(), content_type).await;
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(answer.status, status, "{start}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_h17_path_tricks_reach_nothing() {
    let app = TestApp::start().await;
    let firm = firm(&app).await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs", "visibility": "private" })).ok().await;
    for path in [
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "a%00b.png",
        "..%c0%af..%c0%afetc",
        "%ff%fe",
        "a//b",
        "a/../b",
        "%5c..%5cx",
    ] {
        let url = format!("/v1/buckets/docs/files/{path}");
        for method in [Method::GET, Method::DELETE] {
            let answer = firm.owner.request(method, &url).unchecked().send().await;
            assert!(matches!(answer.status, 400 | 404 | 422), "{path}: {} {}", answer.status, answer.text());
        }
        let stored = firm.owner.request(Method::PUT, &url).bytes("x").unchecked().send().await;
        assert!(stored.status < 500, "{path}: {} {}", stored.status, stored.text());
    }
    assert_eq!(app.count("SELECT count(*) FROM files WHERE path LIKE '%..%' OR path LIKE '%//%'"), 0);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a84_unknown_paths_and_verbs_get_problems() {
    let app = TestApp::start().await;
    assert_eq!(app.visitor().get("/v1/nothing").unchecked().send().await.status, 404);
    for path in ["/.git/HEAD", "/.env", "/Cargo.toml", "/backup.sql"] {
        assert_eq!(app.visitor().get(path).unchecked().send().await.status, 404, "{path}");
    }
    for method in ["TRACE", "PROPFIND", "PURGE"] {
        let answer = app.visitor().request(method.parse().unwrap(), "/v1/products").unchecked().send().await;
        assert_eq!(answer.status, 405, "{method}: {}", answer.text());
    }
}

/// A91: what is said twice, or in another type, is refused alike everywhere; nothing is guessed.
#[tokio::test(flavor = "multi_thread")]
async fn a91_what_is_said_twice_or_in_another_type_is_refused() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let draft = firm.owner.post("/v1/products", product("茶", "T-1", 100, Some(3))).ok().await;
    let variant = &draft["variants"][0]["id"];
    for query in [
        "/v1/products?limit=1&limit=2",
        "/v1/orders?limit=1&limit=2",
        "/v1/products?status=draft&status=published",
        "/v1/products?status[]=draft",
        "/v1/products?status=draft&status[]=draft",
        "/v1/audit-log?action=a&action=b",
        "/v1/audit-log?id=1&id=2",
        "/v1/audit-log/export?format=csv&format=jsonl",
    ] {
        let answer = firm.owner.get(query).unchecked().send().await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text());
    }
    let adjust = |delta: Value| json!({ "variant_id": variant, "delta": delta, "reason": "counted" });
    for delta in [json!("1"), json!(true), json!(1.0), json!(1.5), json!([1]), json!(null), json!({ "a": 1 })] {
        let body = adjust(delta.clone());
        let answer = firm.owner.post("/v1/inventory/adjustments", body).unchecked().send().await;
        assert_eq!(answer.status, 422, "{delta}: {}", answer.text());
    }
    for name in [json!(1), json!(true), json!(["a"]), json!(null)] {
        let answer = firm.owner.post("/v1/categories", json!({ "name": name })).unchecked().send().await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
    }
    // A query does not stand in for what the body says.
    let elsewhere = firm.owner.post("/v1/inventory/adjustments?delta=5", adjust(json!(1))).unchecked().send().await;
    assert!(matches!(elsewhere.status, 200 | 201 | 422), "{}", elsewhere.text());
    let stock = firm.owner.get(format!("/v1/products/{}", draft["id"].as_str().unwrap())).ok().await;
    assert!([3, 4].contains(&stock["variants"][0]["stock"].as_i64().unwrap()), "{stock:#}");
    app.run_jobs().await;
}
