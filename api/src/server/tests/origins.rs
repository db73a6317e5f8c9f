//! Pages of other origins (A28).

use super::{ask_with, header_of, settings};
use actix_web::{
    http::{Method, header},
    test::TestRequest,
};

const SHOP: &str = "https://shop.example";

#[actix_web::test]
async fn a28_only_named_origins_may_read() {
    let open = settings(&[("CORS_ORIGINS", SHOP)]);
    for (origin, allowed) in [
        (SHOP, true),
        ("https://evil.example", false),
        ("https://shop.example.evil.example", false),
        ("https://evilshop.example", false),
        ("http://shop.example", false),
        ("https://shop.example:8443", false),
        ("HTTPS://SHOP.EXAMPLE", false),
        ("null", false),
        ("*", false),
    ] {
        for path in ["/healthz", "/v1/events", "/v1/nothing"] {
            let request = TestRequest::get()
                .uri(path)
                .insert_header((header::ORIGIN, origin))
                .insert_header((header::COOKIE, "session=x"));
            let response = ask_with(&open, request).await;
            let answer = header_of(&response, "access-control-allow-origin");
            assert_eq!(answer, if allowed { origin } else { "" }, "{origin} {path}");
            assert!(header_of(&response, "vary").contains("Origin") || all_of(&response, "vary").contains("Origin"));
            assert_eq!(header_of(&response, "access-control-allow-credentials"), "");
        }
    }
    let closed = TestRequest::get().uri("/healthz").insert_header((header::ORIGIN, SHOP));
    assert_eq!(header_of(&ask_with(&settings(&[]), closed).await, "access-control-allow-origin"), "");
}

fn all_of(response: &actix_web::dev::ServiceResponse, name: &str) -> String {
    response.headers().get_all(name).filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ")
}

fn asking(origin: &str, method: &str, headers: &str) -> TestRequest {
    TestRequest::with_uri("/v1/products")
        .method(Method::OPTIONS)
        .insert_header((header::ORIGIN, origin))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, method))
        .insert_header((header::ACCESS_CONTROL_REQUEST_HEADERS, headers))
}

#[actix_web::test]
async fn a28_browsers_that_ask_first_learn_every_method_and_header() {
    let open = settings(&[("CORS_ORIGINS", SHOP)]);
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        let response = ask_with(&open, asking(SHOP, method, "authorization")).await;
        assert_eq!(response.status(), 204);
        assert_eq!(header_of(&response, "access-control-allow-origin"), SHOP);
        let allowed = header_of(&response, "access-control-allow-methods");
        assert!(allowed.split(", ").any(|one| one == method), "{method}: {allowed}");
    }
    let response = ask_with(&open, asking(SHOP, "POST", "x")).await;
    let allowed = header_of(&response, "access-control-allow-headers").to_lowercase();
    for name in [
        "authorization",
        "content-type",
        "accept-language",
        "if-match",
        "if-none-match",
        "idempotency-key",
        "x-csrf-token",
        "x-session",
        "x-request-id",
        "range",
    ] {
        assert!(allowed.split(", ").any(|one| one == name), "{name}: {allowed}");
    }
    assert!(!allowed.contains('*'));
    let evil = ask_with(&open, asking("https://evil.example", "DELETE", "authorization")).await;
    assert_eq!(header_of(&evil, "access-control-allow-origin"), "");
    assert_eq!(header_of(&evil, "access-control-allow-methods"), "");
}

#[actix_web::test]
async fn pages_of_named_origins_may_read_what_programs_need() {
    let open = settings(&[("CORS_ORIGINS", SHOP)]);
    let request = TestRequest::get().uri("/v1/nothing").insert_header((header::ORIGIN, SHOP));
    let response = ask_with(&open, request).await;
    let exposed = header_of(&response, "access-control-expose-headers");
    for name in
        ["ETag", "Location", "Retry-After", "X-Request-Id", "RateLimit", "RateLimit-Policy", "Idempotent-Replayed"]
    {
        assert!(exposed.split(", ").any(|one| one == name), "{name}: {exposed}");
    }
}
