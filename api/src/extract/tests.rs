//! What extractors refuse, seen from outside through the edge.

use super::{Filters, Once, PageQuery, PathId, RequiredOnce, SignedIn, ValidJson};
use crate::{edge, edge::Rules};
use actix_web::{
    App, HttpResponse,
    dev::ServiceResponse,
    http::{StatusCode, header},
    middleware::from_fn,
    test::{TestRequest, init_service, read_body, try_call_service},
    web::{self, Data},
};
use garde::Validate;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Line {
    #[garde(range(min = 1, max = 99))]
    quantity: i64,
}

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Order {
    #[garde(length(chars, min = 1, max = 10))]
    note: String,
    #[garde(dive)]
    #[serde(default)]
    lines: Vec<Line>,
    #[garde(skip)]
    #[serde(default)]
    metadata: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[expect(dead_code, reason = "only read")]
    after: Option<u32>,
}

async fn order(body: ValidJson<Order>) -> HttpResponse {
    let order = body.into_inner();
    HttpResponse::Ok().json(json!({ "note": order.note, "lines": order.lines.len(), "metadata": order.metadata }))
}

async fn guarded(_: SignedIn, _: PageQuery, _: ValidJson<Order>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn keyed(_: Once) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn demanding(_: RequiredOnce) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn search(_: PageQuery, _: Filters<Search>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn product(id: PathId<kernel::ids::ProductId>) -> HttpResponse {
    HttpResponse::Ok().body(id.get().to_string())
}

async fn panics() -> HttpResponse {
    panic!("the test's own panic")
}

async fn answer(request: TestRequest) -> Result<ServiceResponse, actix_web::Error> {
    let app = App::new()
        .app_data(Data::new(Rules::default()))
        .app_data(Data::new(edge::Limiter::default()))
        .route("/orders", web::post().to(order))
        .route("/guarded", web::post().to(guarded))
        .route("/keyed", web::post().to(keyed))
        .route("/demanding", web::post().to(demanding))
        .route("/search", web::get().to(search))
        .route("/products/{id}", web::get().to(product))
        .route("/panics", web::get().to(panics))
        .wrap(from_fn(edge::around));
    let service = init_service(app).await;
    Ok(try_call_service(&service, request.to_request()).await?.map_into_boxed_body())
}

/// Status and body of an answer; a refusal must have the one shape.
async fn told(request: TestRequest) -> (u16, Value) {
    let response = answer(request).await.unwrap();
    let status = response.status();
    for name in ["x-content-type-options", "x-request-id", "referrer-policy", "cache-control"] {
        assert!(response.headers().contains_key(name), "{name}");
    }
    let content_type = response.headers().get(header::CONTENT_TYPE).cloned();
    let body = read_body(response).await;
    let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap_or_default() };
    if status.is_client_error() {
        assert_eq!(content_type.unwrap(), "application/problem+json");
        assert_eq!(body["status"], status.as_u16());
        for member in ["type", "title", "detail", "instance", "code", "request_id"] {
            assert!(body[member].is_string(), "{member} in {body}");
        }
    }
    (status.as_u16(), body)
}

fn post(body: impl Into<bytes::Bytes>) -> TestRequest {
    TestRequest::post()
        .uri("/orders")
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload(body.into())
}

async fn code(request: TestRequest) -> (u16, String) {
    let (status, body) = told(request).await;
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// The pointer and code of each field that was refused.
async fn fields(body: &str) -> Vec<(String, String)> {
    let (status, problem) = told(post(body.to_owned())).await;
    assert_eq!((status, &problem["code"]), (422, &json!("validation_failed")), "{body}");
    let errors = problem["errors"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

#[actix_web::test]
async fn a_good_body_arrives() {
    let (status, body) = told(post(r#"{"note": "茶", "lines": [{"quantity": 99}]}"#)).await;
    assert_eq!((status, &body["note"], &body["lines"]), (200, &json!("茶"), &json!(1)));
}

#[actix_web::test]
async fn what_is_no_json_is_malformed() {
    let deep = "[".repeat(100_000);
    let nested = format!(r#"{{"note": "a", "metadata": {}{}}}"#, "[".repeat(200), "]".repeat(200));
    for body in
        ["", "{", "nonsense", r#"{"note": "a"} {}"#, r#"{"note": NaN}"#, r#"{"note": "\ud800"}"#, &deep, &nested]
    {
        let expected = (400, "malformed_json".to_owned());
        assert_eq!(code(post(body.to_owned())).await, expected, "{body:.40}");
    }
    assert_eq!(code(post(&b"{\"note\": \"\xff\"}"[..])).await.0, 400);
}

#[actix_web::test]
async fn wrong_fields_are_named() {
    let long = format!(r#"{{"note": "{}"}}"#, "x".repeat(11));
    for (body, pointer, kind) in [
        (r"{}", "/note", "required"),
        (r#"["a"]"#, "", "wrong_type"),
        (r#"{"note": 5}"#, "/note", "wrong_type"),
        (r#"{"note": "a", "colour": 1}"#, "/colour", "unknown_field"),
        (r#"{"note": "a", "note": "b"}"#, "/note", "duplicate_field"),
        (r#"{"note": "a", "lines": [{"quantity": 1}, {}]}"#, "/lines/1/quantity", "required"),
        (r#"{"note": "a", "lines": [{"quantity": "1"}]}"#, "/lines/0/quantity", "wrong_type"),
        (r#"{"note": "a", "lines": [{"quantity": 1.5}]}"#, "/lines/0/quantity", "wrong_type"),
        (r#"{"note": "a", "lines": [{"quantity": 1e400}]}"#, "/lines/0/quantity", "invalid"),
        (r#"{"note": "a", "lines": [{"quantity": 9223372036854775808}]}"#, "/lines/0/quantity", "invalid"),
        (r#"{"note": "a", "lines": [{"quantity": 1, "x": 1}]}"#, "/lines/0/x", "unknown_field"),
        (r#"{"note": "a", "lines": [{"quantity": 100}]}"#, "/lines/0/quantity", "too_large"),
        (r#"{"note": ""}"#, "/note", "too_short"),
        (&long, "/note", "too_long"),
        (r#"{"note": "a\u0000b"}"#, "/note", "invalid_character"),
        (r#"{"note": "a", "metadata": {"a/b": ["\u0000"]}}"#, "/metadata/a~1b/0", "invalid_character"),
    ] {
        assert_eq!(fields(body).await, [(pointer.to_owned(), kind.to_owned())], "{body}");
    }
}

#[actix_web::test]
async fn an_escaped_escape_is_no_nul() {
    assert_eq!(told(post(r#"{"note": "\\u0000"}"#)).await.0, 200);
}

#[actix_web::test]
async fn what_was_sent_is_not_repeated() {
    let (_, problem) = told(post(r#"{"note": "a", "lines": "hunter2"}"#)).await;
    assert!(!problem.to_string().contains("hunter2"), "{problem}");
}

#[actix_web::test]
async fn other_types_and_encodings_are_refused() {
    let good = r#"{"note": "a"}"#;
    for content_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense", ""] {
        let request = post(good).insert_header((header::CONTENT_TYPE, content_type));
        assert_eq!(code(request).await, (415, "unsupported_media_type".to_owned()), "{content_type}");
    }
    assert_eq!(told(post(good).insert_header((header::CONTENT_ENCODING, "gzip"))).await.0, 415);
    assert_eq!(told(post(good).insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8"))).await.0, 200);
}

#[actix_web::test]
async fn too_much_is_refused_at_the_limit() {
    let of_size = |size: usize| format!(r#"{{"note": "a", "metadata": "{}"}}"#, "x".repeat(size - 29));
    assert_eq!(of_size(256 * 1024).len(), 256 * 1024);
    assert_eq!(told(post(of_size(256 * 1024))).await.0, 200);
    assert_eq!(code(post(of_size(256 * 1024 + 1))).await, (413, "body_too_large".to_owned()));
    assert_eq!(told(post("x".repeat(1_000_000))).await.0, 413);
}

#[actix_web::test]
async fn idempotency_keys_are_bare_or_quoted_ascii() {
    let long = "k".repeat(256);
    for (key, status) in [
        ("a-key", 200),
        ("\"a key\"", 200),
        ("\"a \\\" key\"", 200),
        (&long[1..], 200),
        (&long, 400),
        ("\"", 400),
        ("\"\"", 400),
        ("", 400),
        ("\"open", 400),
        ("\"a\"b\"", 400),
        ("tab\tinside", 400),
        ("茶", 400),
    ] {
        let value = header::HeaderValue::from_bytes(key.as_bytes()).unwrap();
        let request = TestRequest::post().uri("/keyed").insert_header(("Idempotency-Key", value));
        assert_eq!(told(request).await.0, status, "{key}");
    }
    assert_eq!(told(TestRequest::post().uri("/keyed")).await.0, 200);
    let missing = TestRequest::post().uri("/demanding");
    assert_eq!(code(missing).await, (400, "idempotency_key_required".to_owned()));
}

#[actix_web::test]
async fn queries_are_read_strictly() {
    for (query, status) in [
        ("", 200),
        ("limit=100&after=3", 200),
        ("limit=0", 422),
        ("limit=101", 422),
        ("limit=x", 422),
        ("after=-1", 422),
        ("after=1&after=2", 422),
        ("colour=red", 422),
        ("after=%00", 422),
    ] {
        assert_eq!(told(TestRequest::get().uri(&format!("/search?{query}"))).await.0, status, "{query}");
    }
    let (_, problem) = told(TestRequest::get().uri("/search?colour=red")).await;
    assert_eq!(
        (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
        (&json!("?colour"), &json!("unknown_field"))
    );
}

#[actix_web::test]
async fn a_malformed_id_is_not_found() {
    for id in ["x", "prd_", "ord_01jd0000000000000000000000", "prd_01JD0000000000000000000000", "prd_%00", "%2e%2e"] {
        let request = TestRequest::get().uri(&format!("/products/{id}"));
        assert_eq!(code(request).await, (404, "not_found".to_owned()), "{id}");
    }
    assert_eq!(told(TestRequest::get().uri("/products/prd_01jd0000000000000000000000")).await.0, 200);
}

#[actix_web::test]
async fn a_stranger_learns_nothing_of_what_they_sent() {
    for authorization in ["", "Bearer", "Bearer ", "Basic YTpi", "Order x"] {
        let request = TestRequest::post().uri("/guarded?limit=x").set_payload("{");
        let request = request.insert_header((header::AUTHORIZATION, authorization));
        assert_eq!(code(request).await, (401, "unauthenticated".to_owned()), "{authorization}");
    }
}

#[actix_web::test]
async fn a_panic_is_an_internal_error_that_tells_nothing() {
    let error = answer(TestRequest::get().uri("/panics").insert_header(("X-Request-Id", "mine-1"))).await;
    // The test's service hands on what the server turns into the answer.
    let response = error.map_or_else(|error| error.error_response(), |response| response.into_parts().1);
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers().get("x-request-id").unwrap(), "mine-1");
    let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["code"], &body["request_id"]), (&json!("internal_error"), &json!("mine-1")));
    assert!(!body.to_string().contains("own panic"));
}

#[actix_web::test]
async fn the_callers_language_and_id_are_kept() {
    let request = post("{").insert_header((header::ACCEPT_LANGUAGE, "zh-CN")).insert_header(("X-Request-Id", "a b"));
    let (_, problem) = told(request).await;
    assert_eq!(problem["title"], "请求体不是有效的 JSON");
    assert!(problem["request_id"].as_str().unwrap().starts_with("req_"));
    assert_eq!(problem["instance"], "/orders");
}
