//! Sessions of browsers: the refresh token in a cookie.

use super::{credentials, is_signed_in, text};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, PASSWORD, Request, TestApp};

const OWN: &str = "http://127.0.0.1:8080";

/// The value that an answer sets the cookie to, which must be set as browsers demand of its name.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    let (pair, attributes) = set.split_once("; ").unwrap_or_else(|| panic!("no cookie: {}", answer.text()));
    let mut attributes: Vec<&str> = attributes.split("; ").filter(|name| !name.starts_with("Max-Age")).collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"], "{set}");
    pair.strip_prefix("__Host-session=").unwrap().to_owned()
}

/// A request by the cookie alone.
fn by_cookie(app: &TestApp, path: &str, cookie: &str) -> Request {
    app.visitor().request(Method::POST, path).header("cookie", &format!("__Host-session={cookie}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a25_a26_the_token_lives_in_a_cookie_and_in_no_body() {
    let app = TestApp::start().await;
    let body = json!({ "email": "lin@example.cn", "password": PASSWORD, "display_name": "林", "company_name": "佛山" });
    let signed_up = app.visitor().post("/v1/auth/sign-up", body).header("x-session", "cookie").send().await;
    let logged_in = app.visitor().post("/v1/auth/log-in", credentials("lin@example.cn")).header("x-session", "cookie");
    let logged_in = logged_in.send().await;
    let client = app.visitor().with_token(text(&logged_in.value(), "/access_token"));
    let to = json!({ "tenant_id": signed_up.value()["tenant"]["id"] });
    let switched = client.post("/v1/auth/switch-tenant", to).header("x-session", "cookie").send().await;
    let refreshed = by_cookie(&app, "/v1/auth/refresh", &cookie(&logged_in)).header("x-session", "cookie").send().await;
    for answer in [&signed_up, &logged_in, &switched, &refreshed] {
        assert!((200..300).contains(&answer.status), "{}", answer.text());
        let token = cookie(answer);
        assert!(!answer.text().contains(&token) && answer.value()["refresh_token"].is_null(), "{}", answer.text());
    }
    let next = by_cookie(&app, "/v1/auth/refresh", &cookie(&refreshed)).header("x-session", "cookie").send().await;
    assert!(is_signed_in(&app.visitor().with_token(text(&next.value(), "/access_token"))).await);
    let plain = app.visitor().post("/v1/auth/log-in", credentials("lin@example.cn")).send().await;
    assert!(plain.header("set-cookie").is_empty() && plain.value()["refresh_token"].is_string());
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a31_a_cookie_alone_or_from_another_site_does_nothing() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let logged_in = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).header("x-session", "cookie");
    let logged_in = logged_in.send().await;
    let (token, client) = (cookie(&logged_in), app.visitor().with_token(text(&logged_in.value(), "/access_token")));
    for path in ["/v1/auth/refresh", "/v1/auth/log-out"] {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json"] {
            let sent = by_cookie(&app, path, &token)
                .header("content-type", content_type)
                .header("origin", "https://evil.example");
            let answer = sent.bytes(r#"{"refresh_token":"x"}"#).unchecked().send().await;
            assert!(matches!(answer.status, 204 | 401 | 415), "{path} {content_type}: {}", answer.text());
        }
        let bare = by_cookie(&app, path, &token).unchecked().send().await;
        assert!(matches!(bare.status, 401 | 415), "{path}: {}", bare.text());
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:8080.evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
        ] {
            let answer = by_cookie(&app, path, &token).header("x-session", "cookie").header(name, value).send().await;
            answer.problem(403, "cross_site_request");
        }
        let odd = by_cookie(&app, path, &token).header("x-session", "body").send().await;
        odd.problem(400, "malformed_request");
    }
    assert!(is_signed_in(&client).await, "nothing had an effect");
    assert_eq!(app.count("SELECT count(*) FROM refresh_tokens WHERE used_at IS NOT NULL"), 0);
    let own = by_cookie(&app, "/v1/auth/refresh", &token).header("x-session", "cookie").header("origin", OWN);
    assert_eq!(own.send().await.status, 200);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a87_log_out_ends_the_session_and_empties_the_browser() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let logged_in = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).header("x-session", "cookie");
    let logged_in = logged_in.send().await;
    let (token, client) = (cookie(&logged_in), app.visitor().with_token(text(&logged_in.value(), "/access_token")));
    let log_out = by_cookie(&app, "/v1/auth/log-out", &token).header("x-session", "cookie");
    let out = log_out.header("sec-fetch-site", "same-origin").send().await;
    assert_eq!(out.status, 204);
    assert_eq!(out.header("clear-site-data"), r#""cache", "storage""#);
    assert_eq!(cookie(&out), "", "the cookie goes");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert!(!is_signed_in(&client).await);
    let again = by_cookie(&app, "/v1/auth/refresh", &token).header("x-session", "cookie").send().await;
    again.problem(401, "refresh_token_invalid");
    let without = app.visitor().request(Method::POST, "/v1/auth/refresh").header("x-session", "cookie").send().await;
    without.problem(401, "refresh_token_invalid");
    assert_eq!(Value::Null, out.value());
    app.run_jobs().await;
}
