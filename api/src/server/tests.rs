//! The whole service as a stranger sees it; nothing here reaches the database.

use super::{Settings, Shared, service};
use crate::{config::Config, problem::registry};
use actix_web::{
    dev::ServiceResponse,
    http::{Method, header},
    test::{TestRequest, call_service, init_service, read_body},
};
use serde_json::Value;

fn settings(variables: &[(&'static str, &str)]) -> Settings {
    let variables: Vec<(&'static str, String)> = variables.iter().map(|(key, v)| (*key, (*v).to_owned())).collect();
    let of = |key: &str| variables.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
    Settings::new(&Config::from_variables(of).unwrap())
}

async fn ask_with(settings: &Settings, request: TestRequest) -> ServiceResponse {
    let service = init_service(service(&Shared::new(settings).unwrap(), |_| {})).await;
    call_service(&service, request.to_request()).await
}

async fn ask(method: Method, path: &str) -> ServiceResponse {
    ask_with(&settings(&[]), TestRequest::with_uri(path).method(method)).await
}

async fn text(response: ServiceResponse) -> String {
    String::from_utf8(read_body(response).await.to_vec()).unwrap()
}

fn header_of<'a>(response: &'a ServiceResponse, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn what_does_not_exist_is_a_problem() {
    for path in [
        "/.git/HEAD",
        "/.env",
        "/Cargo.toml",
        "/metrics",
        "/debug",
        "/v1",
        "/v1/",
        "/static/..%2fetc",
        "//",
        "/v1//events",
    ] {
        let response = ask(Method::GET, path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(header_of(&response, "content-type"), "application/problem+json", "{path}");
    }
}

#[actix_web::test]
async fn other_methods_are_refused_with_those_allowed() {
    for method in ["DELETE", "POST", "TRACE", "PROPFIND", "HEAD"] {
        let response = ask(Method::from_bytes(method.as_bytes()).unwrap(), "/v1/events").await;
        assert_eq!(response.status(), 405, "{method}");
        assert_eq!(header_of(&response, "allow"), "GET", "{method}");
    }
    let nowhere = ask(Method::TRACE, "/nowhere").await;
    assert_eq!((nowhere.status().as_u16(), header_of(&nowhere, "allow").contains("TRACE")), (405, false));
    assert_eq!(ask(Method::POST, "/").await.status(), 405);
    assert_eq!(ask(Method::OPTIONS, "/v1/events").await.status(), 204);
}

#[actix_web::test]
async fn a_stranger_is_asked_who_they_are() {
    let response = ask(Method::GET, "/v1/event-types").await;
    assert_eq!((response.status().as_u16(), header_of(&response, "www-authenticate")), (401, "Bearer"));
}

#[actix_web::test]
async fn every_type_of_problem_can_be_looked_up() {
    for kind in registry::all() {
        let response = ask(Method::GET, &kind.uri()).await;
        assert_eq!(response.status(), 200, "{}", kind.code);
        let body: Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(body["code"], kind.code);
    }
    assert_eq!(ask(Method::GET, "/problems/edge/nothing").await.status(), 404);
}

#[actix_web::test]
async fn the_document_and_its_viewer_come_from_here() {
    let document: Value = serde_json::from_str(&text(ask(Method::GET, "/openapi.json").await).await).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let yaml = ask(Method::GET, "/openapi.yaml").await;
    assert_eq!(header_of(&yaml, "content-type"), "application/yaml; charset=utf-8");
    assert_eq!(ask(Method::GET, "/docs").await.status(), 308);
    let viewer = ask(Method::GET, "/docs/").await;
    let policy = header_of(&viewer, "content-security-policy").to_owned();
    assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let page = text(viewer).await;
    assert!(!page.contains("https://") && !page.contains("<script>"), "{page}");
    assert!(text(ask(Method::GET, "/docs/swagger-initializer.js").await).await.contains("/openapi.json"));
    assert_eq!(ask(Method::GET, "/docs/nothing.js").await.status(), 404);
}

#[actix_web::test]
async fn the_first_page_says_what_this_is() {
    let response = ask(Method::GET, "/").await;
    assert_eq!(header_of(&response, "content-type"), "text/html; charset=utf-8");
    let page = text(response).await;
    assert!(page.contains("中小企业") && page.contains("/docs/"));
}

#[actix_web::test]
async fn tls_is_demanded_where_the_platform_has_it() {
    let secure = settings(&[("PUBLIC_URL", "https://sme.example"), ("TRUSTED_PROXIES", "10.0.0.0/8")]);
    let request = || TestRequest::get().uri("/healthz").peer_addr("10.0.0.1:5000".parse().unwrap());
    let hsts = "strict-transport-security";
    let response = ask_with(&secure, request()).await;
    assert!(header_of(&response, hsts).contains("max-age=63072000; includeSubDomains"));
    let plain =
        request().insert_header(("X-Forwarded-Proto", "http")).insert_header((header::AUTHORIZATION, "Bearer x"));
    let response = ask_with(&secure, plain).await;
    assert_eq!((response.status().as_u16(), header_of(&response, "content-type")), (403, "application/problem+json"));
    // A socket that serves both families shows IPv4 peers as IPv6 addresses.
    let mapped = TestRequest::get().uri("/healthz").peer_addr("[::ffff:10.0.0.1]:5000".parse().unwrap());
    let plain = mapped.insert_header(("X-Forwarded-Proto", "http")).insert_header((header::AUTHORIZATION, "Bearer x"));
    assert_eq!(ask_with(&secure, plain).await.status(), 403);
    assert_eq!(header_of(&ask(Method::GET, "/healthz").await, hsts), "");
}

#[actix_web::test]
async fn only_named_origins_may_read() {
    let open = settings(&[("CORS_ORIGINS", "https://shop.example")]);
    for (origin, allowed) in [
        ("https://shop.example", true),
        ("https://evil.example", false),
        ("https://shop.example.evil.example", false),
        ("http://shop.example", false),
        ("null", false),
    ] {
        let request = TestRequest::get().uri("/healthz").insert_header((header::ORIGIN, origin));
        let response = ask_with(&open, request).await;
        assert_eq!(header_of(&response, "access-control-allow-origin") == origin, allowed, "{origin}");
        assert_eq!(header_of(&response, "vary"), "Origin");
        assert_eq!(header_of(&response, "access-control-allow-credentials"), "");
    }
    let asking = TestRequest::with_uri("/v1/products")
        .method(Method::OPTIONS)
        .insert_header((header::ORIGIN, "https://shop.example"))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "POST"));
    let response = ask_with(&open, asking).await;
    assert!(header_of(&response, "access-control-allow-methods").contains("POST"));
}

#[actix_web::test]
async fn an_installed_portal_takes_the_pages() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("assets")).unwrap();
    std::fs::write(directory.path().join("index.html"), "the portal").unwrap();
    std::fs::write(directory.path().join("assets/a.js"), "1").unwrap();
    std::fs::write(directory.path().join(".env"), "secret").unwrap();
    let installed = settings(&[("PORTAL_DIR", directory.path().to_str().unwrap())]);
    let get = |path: &str| TestRequest::get().uri(path).insert_header((header::ACCEPT, "text/html"));
    for path in ["/", "/orders/1", "/.env", "/..%2f..%2fetc/passwd"] {
        assert_eq!(text(ask_with(&installed, get(path)).await).await, "the portal", "{path}");
    }
    let script = ask_with(&installed, get("/assets/a.js")).await;
    assert_eq!(header_of(&script, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(ask_with(&installed, get("/v1/nothing")).await.status(), 404);
}

#[actix_web::test]
async fn slow_and_oversized_requests_end_on_a_real_socket() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let shared = Shared::new(&settings(&[])).unwrap();
    let server = actix_web::HttpServer::new(move || service(&shared, |_| {})).workers(1).disable_signals();
    let server = server.bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let task = tokio::spawn(server);
    for (request, statuses) in [
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), &["200"][..]),
        (format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(1_000_000)), &["400", "431", ""]),
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(1_000_000)), &["400", "414", "431", ""]),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_owned(), &["400"]),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n".to_owned(), &["400"]),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(), &["400"]),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n".to_owned(), &["400"]),
    ] {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        // The server may refuse and close before everything is written.
        let _ = socket.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(statuses.contains(&status), "{request:.60}: {answer:.200}");
        assert!(answer.matches("HTTP/1.1").count() <= 1, "{answer}");
    }
    handle.stop(true).await;
    task.await.unwrap().unwrap();
}
