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
