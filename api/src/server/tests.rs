//! The whole service as a stranger sees it; nothing here reaches the database.

mod answers;
mod limits;
mod origins;
mod proxies;
mod sockets;

use super::{Settings, Shared, service};
use crate::{config::Config, problem::registry};
use actix_web::{
    dev::ServiceResponse,
    http::{Method, header},
    test::{TestRequest, call_service, init_service, read_body},
};
use kernel::{SharedClock, SystemClock};
use serde_json::Value;
use std::sync::Arc;

fn clock() -> SharedClock {
    Arc::new(SystemClock::default())
}

fn settings(variables: &[(&'static str, &str)]) -> Settings {
    let variables: Vec<(&'static str, String)> = variables.iter().map(|(key, v)| (*key, (*v).to_owned())).collect();
    let of = |key: &str| variables.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
    Settings::new(&Config::from_variables(of).unwrap())
}

async fn ask_with(settings: &Settings, request: TestRequest) -> ServiceResponse {
    let service = init_service(service(&Shared::new(settings, clock()).unwrap(), |_| {})).await;
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
