//! Tags, packing and headers of answers.

use super::{Settings, ask, ask_with, header_of, settings};
use actix_web::{
    HttpResponse,
    body::to_bytes,
    dev::ServiceResponse,
    http::{Method, header},
    test::{TestRequest, call_service, init_service, read_body, try_call_service},
    web,
};
use std::io::Read;

const MODERN: &str = "gzip, deflate, br, zstd";

fn get(path: &str, encodings: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header((header::ACCEPT_ENCODING, encodings))
}

/// The service with routes of the test's own.
async fn ask_extended(settings: &Settings, request: TestRequest) -> ServiceResponse {
    let extra = move |cfg: &mut web::ServiceConfig| {
        let route = |body: fn() -> HttpResponse| web::get().to(move || std::future::ready(body()));
        cfg.route("/v1/auth/long", route(|| HttpResponse::Ok().json("oolong ".repeat(1000))))
            .route("/admin/v1/long", route(|| HttpResponse::Ok().json("oolong ".repeat(1000))))
            .route("/v1/long", route(|| HttpResponse::Ok().json("oolong ".repeat(1000))))
            .route("/v1/short", route(|| HttpResponse::Ok().json("oolong")))
            .route("/v1/picture", route(|| HttpResponse::Ok().content_type("image/png").body(vec![0_u8; 9000])))
            .route(
                "/v1/cookie",
                route(|| HttpResponse::Ok().insert_header((header::SET_COOKIE, "a=b")).json("oolong ".repeat(1000))),
            )
            .route(
                "/v1/part",
                route(|| {
                    HttpResponse::PartialContent()
                        .insert_header((header::CONTENT_RANGE, "bytes 0-8999/9000"))
                        .content_type("text/html")
                        .body(vec![b'a'; 9000])
                }),
            )
            .route("/v1/panic", web::get().to(panics));
    };
    let shared = super::Shared::new(settings, super::clock()).unwrap();
    let service = init_service(super::service(&shared, extra)).await;
    call_service(&service, request.to_request()).await
}

async fn panics() -> HttpResponse {
    panic!("a handler fails")
}

#[actix_web::test]
async fn long_texts_are_packed_as_the_reader_likes_best() {
    let plain = read_body(ask(Method::GET, "/openapi.json").await).await;
    for (wish, encoding) in [
        ("br, gzip", "br"),
        ("gzip", "gzip"),
        (MODERN, "br"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("identity", ""),
        ("zstd", ""),
        ("*;q=0", ""),
        ("", ""),
    ] {
        let response = ask_with(&settings(&[]), get("/openapi.json", wish)).await;
        assert_eq!((response.status().as_u16(), header_of(&response, "content-encoding")), (200, encoding), "{wish}");
        assert!(header_of(&response, "vary").eq_ignore_ascii_case("accept-encoding"), "{wish}");
        let body = read_body(response).await;
        let mut unpacked = Vec::new();
        match encoding {
            "br" => brotli::Decompressor::new(&body[..], 4096).read_to_end(&mut unpacked).unwrap(),
            "gzip" => flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut unpacked).unwrap(),
            _ => (&body[..]).read_to_end(&mut unpacked).unwrap(),
        };
        assert!(unpacked == plain, "{wish}: {} bytes of {}", unpacked.len(), plain.len());
        assert!(encoding.is_empty() || body.len() * 3 < plain.len(), "{wish}: {}", body.len());
    }
}

#[actix_web::test]
async fn secrets_parts_pictures_and_short_texts_are_sent_as_they_are() {
    for (path, packed) in [
        ("/v1/long", true),
        ("/v1/short", false),
        ("/v1/auth/long", false),
        ("/admin/v1/long", false),
        ("/v1/cookie", false),
        ("/v1/picture", false),
        ("/v1/part", false),
        ("/v1/nothing", false),
    ] {
        let response = ask_extended(&settings(&[]), get(path, MODERN)).await;
        assert_eq!(header_of(&response, "content-encoding"), if packed { "br" } else { "" }, "{path}");
    }
}

#[actix_web::test]
async fn a_tag_names_the_content_however_it_is_packed() {
    let plain = ask_extended(&settings(&[]), get("/v1/long", "identity")).await;
    let tag = header_of(&plain, "etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
    let packed = ask_extended(&settings(&[]), get("/v1/long", "gzip")).await;
    assert_eq!(header_of(&packed, "etag"), format!("W/{tag}"));
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let request = get("/v1/long", MODERN).insert_header((header::IF_NONE_MATCH, known.clone()));
        let same = ask_extended(&settings(&[]), request).await;
        assert_eq!((same.status().as_u16(), header_of(&same, "etag")), (304, tag.as_str()), "{known}");
        assert_eq!(header_of(&same, "content-type"), "");
        assert!(read_body(same).await.is_empty());
    }
    let other = get("/v1/long", MODERN).insert_header((header::IF_NONE_MATCH, "\"other\""));
    assert_eq!(ask_extended(&settings(&[]), other).await.status(), 200);
    let refused = get("/v1/nothing", MODERN).insert_header((header::IF_NONE_MATCH, "*"));
    let refused = ask_extended(&settings(&[]), refused).await;
    assert_eq!((refused.status().as_u16(), header_of(&refused, "etag")), (404, ""));
}

#[actix_web::test]
async fn a29_a30_a34_a86_every_answer_says_what_it_is_and_who_may_keep_it() {
    for path in ["/", "/docs/", "/healthz", "/openapi.yaml", "/problems", "/v1/events", "/v1/nothing", "/v1/long"] {
        let response = ask_extended(&settings(&[]), TestRequest::get().uri(path)).await;
        assert_eq!(header_of(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header_of(&response, "referrer-policy"), "no-referrer", "{path}");
        let policy = header_of(&response, "content-security-policy").to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        let kind = header_of(&response, "content-type").to_owned();
        if kind.starts_with("text/") {
            assert!(kind.ends_with("charset=utf-8"), "{path}: {kind}");
            for part in ["object-src 'none'", "base-uri 'none'", "script-src 'self';"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
        }
        assert!(!kind.is_empty() && !header_of(&response, "x-request-id").is_empty(), "{path}");
        assert!(header_of(&response, "server").is_empty() && header_of(&response, "x-powered-by").is_empty());
        if path.starts_with("/v1/") {
            assert_eq!(header_of(&response, "cache-control"), "no-store", "{path}");
        }
    }
}

#[actix_web::test]
async fn a83_a94_a_panic_tells_nothing_and_the_next_request_is_served() {
    let shared = super::Shared::new(&settings(&[]), super::clock()).unwrap();
    let extra = |cfg: &mut web::ServiceConfig| {
        cfg.route("/v1/panic", web::get().to(panics));
    };
    let service = init_service(super::service(&shared, extra)).await;
    let failed = try_call_service(&service, TestRequest::get().uri("/v1/panic").to_request()).await.unwrap_err();
    let response = failed.error_response();
    assert_eq!(
        (response.status().as_u16(), response.headers().get("content-type").unwrap()),
        (500, &"application/problem+json".parse().unwrap())
    );
    let body = String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap();
    for inner in ["panic", "src/", ".rs", "unwrap", env!("CARGO_PKG_VERSION")] {
        assert!(!body.replace("/v1/panic", "").contains(inner), "{inner}: {body}");
    }
    let next = call_service(&service, TestRequest::get().uri("/healthz").to_request()).await;
    assert_eq!(next.status(), 200);
}

#[actix_web::test]
async fn a32_reading_verbs_and_overrides_change_nothing() {
    let post_only = ["/v1/auth/sign-up", "/v1/auth/log-out", "/v1/notifications/read-all", "/v1/tenants/x"];
    for path in post_only {
        for method in [Method::GET, Method::HEAD] {
            let request = TestRequest::with_uri(path).method(method.clone());
            let request = request.insert_header(("X-HTTP-Method-Override", "POST"));
            let status = ask_with(&settings(&[]), request).await.status().as_u16();
            assert!(matches!(status, 404 | 405), "{method} {path}: {status}");
        }
        let asked = ask(Method::OPTIONS, path).await.status().as_u16();
        assert!(matches!(asked, 204 | 404), "{path}: {asked}");
    }
}
