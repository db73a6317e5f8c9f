//! Limits of callers who are not known; nothing here reaches the database.

use super::{Settings, Shared, clock, header_of, service, settings, text};
use actix_web::{
    dev::ServiceResponse,
    http::{Method, header},
    test::{TestRequest, call_service, init_service},
};
use chrono::Duration;
use futures_util::future::LocalBoxFuture;
use kernel::{ManualClock, SharedClock};
use serde_json::Value;
use std::{rc::Rc, sync::Arc};

const PEER: &str = "203.0.113.7:4000";

fn get(path: &str, peer: &str) -> TestRequest {
    TestRequest::get().uri(path).peer_addr(peer.parse().unwrap())
}

/// One server, which counts over all requests of a test.
type Ask = Box<dyn Fn(TestRequest) -> LocalBoxFuture<'static, ServiceResponse>>;

async fn serve(settings: &Settings, clock: SharedClock) -> Ask {
    let service = Rc::new(init_service(service(&Shared::new(settings, clock).unwrap(), |_| {})).await);
    Box::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move { call_service(&*service, request.to_request()).await })
    })
}

/// So many equal requests; the last answer.
async fn times(ask: &Ask, count: usize, request: impl Fn(usize) -> TestRequest) -> ServiceResponse {
    for number in 1..count {
        ask(request(number)).await;
    }
    ask(request(0)).await
}

#[actix_web::test]
async fn a23_an_address_has_a_quota_and_is_told_how_it_stands() {
    let clock = Arc::new(ManualClock::at("2026-11-02T02:00:00Z".parse().unwrap()));
    let service = serve(&settings(&[]), clock.clone()).await;
    let first = times(&service, 1, |_| get("/v1/nothing", PEER)).await;
    assert_eq!(header_of(&first, "ratelimit-policy"), "\"address\";q=300;w=60");
    assert_eq!(header_of(&first, "ratelimit"), "\"address\";r=299;t=1");
    let last = times(&service, 299, |_| get("/v1/nothing", PEER)).await;
    assert_eq!((last.status().as_u16(), header_of(&last, "ratelimit")), (404, "\"address\";r=0;t=1"));

    let refused = times(&service, 1, |_| get("/v1/nothing", PEER)).await;
    assert_eq!(refused.status(), 429);
    let seconds: u32 = header_of(&refused, "retry-after").parse().unwrap();
    assert!((1..=8).contains(&seconds), "{seconds}");
    assert_eq!(header_of(&refused, "ratelimit"), format!("\"address\";r=0;t={seconds}"));
    let problem: Value = serde_json::from_str(&text(refused).await).unwrap();
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(problem["violated-policies"], serde_json::json!(["address"]));
    assert!(problem["request_id"].is_string() && problem["code"] == "too_many_requests", "{problem:#}");

    let other = times(&service, 1, |_| get("/v1/nothing", "203.0.113.8:4000")).await;
    assert_eq!(other.status(), 404);
    clock.advance(Duration::seconds(i64::from(seconds)));
    assert_eq!(times(&service, 1, |_| get("/v1/nothing", PEER)).await.status(), 404);
}

#[actix_web::test]
async fn a36_other_addresses_in_headers_of_strangers_buy_nothing() {
    let service = serve(&settings(&[]), clock()).await;
    let spoofed = |number: usize| {
        let address = format!("198.51.{}.{}", number / 250, number % 250);
        get("/v1/nothing", PEER)
            .insert_header(("X-Forwarded-For", address.clone()))
            .insert_header(("X-Real-IP", address.clone()))
            .insert_header(("Forwarded", format!("for={address}")))
    };
    assert_eq!(times(&service, 310, spoofed).await.status(), 429);
}

#[actix_web::test]
async fn behind_a_trusted_proxy_each_caller_has_a_quota() {
    let trusting = settings(&[("TRUSTED_PROXIES", "10.0.0.0/8")]);
    let service = serve(&trusting, clock()).await;
    let by_proxy =
        |address: &'static str| move |_| get("/v1/nothing", "10.0.0.1:80").insert_header(("X-Forwarded-For", address));
    assert_eq!(times(&service, 310, by_proxy("1.2.3.4, 198.51.100.1")).await.status(), 429);
    assert_eq!(times(&service, 1, by_proxy("198.51.100.2")).await.status(), 404);
}

#[actix_web::test]
async fn who_is_not_known_is_counted_by_address_and_refused_after_it() {
    let service = serve(&settings(&[]), clock()).await;
    let guess = |_| get("/v1/event-types", PEER);
    let first = times(&service, 1, guess).await;
    assert_eq!((first.status().as_u16(), header_of(&first, "ratelimit")), (401, "\"address\";r=299;t=1"));
    let last = times(&service, 300, guess).await;
    assert_eq!(last.status(), 429);
    assert!(!header_of(&last, "retry-after").is_empty());
}

#[actix_web::test]
async fn a23_costly_operations_have_tighter_limits() {
    for (method, path, policy, quota) in [
        (Method::POST, "/v1/auth/sign-up", "sign-up", 20),
        (Method::POST, "/v1/auth/log-in", "log-in", 60),
        (Method::POST, "/v1/auth/resend-verification", "mail", 20),
        (Method::GET, "/v1/market/products?q=x", "search", 120),
    ] {
        let service = serve(&settings(&[]), clock()).await;
        let request = |_| TestRequest::with_uri(path).method(method.clone()).peer_addr(PEER.parse().unwrap());
        let refused = times(&service, quota + 1, request).await;
        assert_eq!(refused.status(), 429, "{path}");
        assert!(header_of(&refused, "ratelimit-policy").starts_with(&format!("\"{policy}\";q={quota};w=60")), "{path}");
        let problem: Value = serde_json::from_str(&text(refused).await).unwrap();
        assert_eq!(problem["violated-policies"], serde_json::json!([policy]));
        // The rest of the platform still answers.
        assert_eq!(times(&service, 1, |_| get("/v1/nothing", PEER)).await.status(), 404);
    }
}

#[actix_web::test]
async fn pages_documents_and_the_providers_events_are_not_counted() {
    let service = serve(&settings(&[]), clock()).await;
    for path in ["/", "/healthz", "/openapi.json", "/problems", "/v1/providers/stripe/nothing"] {
        let answer = times(&service, 301, |_| get(path, PEER)).await;
        assert_ne!(answer.status(), 429, "{path}");
        assert_eq!(header_of(&answer, "ratelimit"), "", "{path}");
    }
}

#[actix_web::test]
async fn limits_can_be_switched_off() {
    let off = settings(&[("RATE_LIMITS", "off")]);
    let service = serve(&off, clock()).await;
    let answer = times(&service, 400, |_| get("/v1/nothing", PEER).insert_header((header::ACCEPT, "*/*"))).await;
    assert_eq!((answer.status().as_u16(), header_of(&answer, "ratelimit")), (404, ""));
}
