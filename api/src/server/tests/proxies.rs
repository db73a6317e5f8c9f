//! What is believed of those who speak for others (A35, A36).

use super::{ask, ask_with, header_of, settings, text};
use actix_web::{
    http::{Method, header},
    test::TestRequest,
};
use serde_json::Value;

const PROXY: &str = "10.0.0.1:5000";

fn request(peer: &str) -> TestRequest {
    TestRequest::get().uri("/healthz").peer_addr(peer.parse().unwrap())
}

#[actix_web::test]
async fn a27_answers_over_tls_say_that_it_must_stay_so() {
    let secure = settings(&[("PUBLIC_URL", "https://sme.example"), ("TRUSTED_PROXIES", "10.0.0.0/8")]);
    for path in ["/healthz", "/v1/nothing", "/v1/events", "/", "/docs/", "/v1/plans"] {
        let response = ask_with(&secure, request(PROXY).uri(path)).await;
        let hsts = header_of(&response, "strict-transport-security").to_owned();
        assert_eq!(hsts, "max-age=63072000; includeSubDomains", "{path} {}", response.status());
    }
    assert_eq!(header_of(&ask(Method::GET, "/healthz").await, "strict-transport-security"), "");
}

#[actix_web::test]
async fn a35_a_token_must_not_come_without_tls() {
    let secure = settings(&[("PUBLIC_URL", "https://sme.example"), ("TRUSTED_PROXIES", "10.0.0.0/8")]);
    for (peer, proto, status) in [
        (PROXY, Some("https"), 200),
        (PROXY, Some("http"), 403),
        (PROXY, Some("https, http"), 403),
        (PROXY, None, 403),
        // A socket that serves both families shows IPv4 peers as IPv6 addresses.
        ("[::ffff:10.0.0.1]:5000", Some("https"), 200),
        ("[::ffff:10.0.0.1]:5000", Some("http"), 403),
        // Whoever is no proxy of ours spoke to us without TLS, whatever they say.
        ("203.0.113.9:5000", Some("https"), 403),
        ("203.0.113.9:5000", None, 403),
    ] {
        let mut asked = request(peer).insert_header((header::AUTHORIZATION, "Bearer x"));
        if let Some(proto) = proto {
            asked = asked.insert_header(("X-Forwarded-Proto", proto));
        }
        let response = ask_with(&secure, asked).await;
        assert_eq!(response.status().as_u16(), status, "{peer} {proto:?}");
        if status == 403 {
            assert_eq!(header_of(&response, "location"), "");
            let problem: Value = serde_json::from_str(&text(response).await).unwrap();
            assert_eq!(problem["code"], "https_required");
            assert!(problem["request_id"].is_string() && problem["instance"] == "/healthz", "{problem:#}");
        }
    }
    // Without a token nothing is lost, and without TLS in front nothing is demanded.
    assert_eq!(ask_with(&secure, request("203.0.113.9:5000")).await.status(), 200);
    let plain = request("203.0.113.9:5000").insert_header((header::AUTHORIZATION, "Bearer x"));
    assert_eq!(ask_with(&settings(&[]), plain).await.status(), 200);
}

#[actix_web::test]
async fn a36_strangers_cannot_name_hosts_tenants_or_people() {
    for path in ["/docs", "/v1/nothing", "/v1/events"] {
        let honest = ask_with(&settings(&[]), request("203.0.113.9:1").uri(path)).await;
        let evil = request("203.0.113.9:1")
            .uri(path)
            .insert_header((header::HOST, "evil.example"))
            .insert_header(("X-Forwarded-Host", "evil.example"))
            .insert_header(("Forwarded", "for=127.0.0.1;host=evil.example;proto=https"))
            .insert_header(("X-Tenant-Id", "ten_00000000000000000000000000"))
            .insert_header(("X-User-Id", "usr_00000000000000000000000000"))
            .insert_header(("X-HTTP-Method-Override", "DELETE"));
        let answer = ask_with(&settings(&[]), evil).await;
        assert_eq!(answer.status(), honest.status(), "{path}");
        assert_eq!(header_of(&answer, "location"), header_of(&honest, "location"), "{path}");
        assert!(!text(answer).await.contains("evil.example"), "{path}");
    }
}
