//! A person's second factor, and showing again who one is.

use super::{credentials, is_signed_in, text};
use auth::totp::TotpSecret;
use chrono::Duration;
use kernel::Clock;
use serde_json::{Value, json};
use tests::{Answer, Firm, PASSWORD, TestApp};

/// A person who has turned the second factor on: the secret and the recovery codes.
async fn enrolled(app: &TestApp, firm: &Firm) -> (TotpSecret, Vec<String>) {
    let begun = firm.owner.post("/v1/me/totp", json!({})).ok().await;
    assert!(text(&begun, "/otpauth_url").starts_with("otpauth://totp/SME%20Cloud:owner"));
    let secret = TotpSecret::from_base32(&text(&begun, "/secret")).unwrap();
    let code = secret.code(app.clock.now()).unwrap();
    let confirmed = firm.owner.post("/v1/me/totp/confirm", json!({ "code": code })).ok().await;
    app.run_jobs().await;
    (secret, codes(&confirmed))
}

fn codes(answer: &Value) -> Vec<String> {
    answer["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// The token of the first step.
async fn halfway(app: &TestApp, firm: &Firm) -> String {
    let answer = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    assert_eq!(answer["mfa_required"], true, "{answer:#}");
    assert!(answer["access_token"].is_null() && answer["refresh_token"].is_null());
    text(&answer, "/mfa_token")
}

async fn confirm(app: &TestApp, token: &str, code: &str) -> Answer {
    app.visitor().post("/v1/auth/mfa", json!({ "mfa_token": token, "code": code })).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a52_a56_a_code_signs_in_once_and_the_first_step_opens_nothing() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let before = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    let (secret, _) = enrolled(&app, &firm).await;
    assert!(!is_signed_in(&app.visitor().with_token(text(&before, "/access_token"))).await, "it showed no code");
    assert_eq!(firm.owner.get("/v1/me").ok().await["totp_enabled"], true);
    assert!(app.mails(&firm.email)[0].text.contains("验证器"));

    let token = halfway(&app, &firm).await;
    for path in ["/v1/me", "/v1/products", "/v1/me/sessions", "/admin/v1/me"] {
        app.visitor().with_token(&token).get(path).send().await.problem(401, "unauthenticated");
    }
    let enrolling = secret.code(app.clock.now()).unwrap();
    confirm(&app, &token, &enrolling).await.problem(401, "wrong_code");
    app.clock.advance(Duration::seconds(60));
    let code = secret.code(app.clock.now()).unwrap();
    let signed_in = confirm(&app, &token, &code).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());
    assert!(is_signed_in(&app.visitor().with_token(text(&signed_in.value(), "/access_token"))).await);
    confirm(&app, &token, &code).await.problem(401, "wrong_code");
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE detail->>'factor' = 'totp'"), 1);

    let token = halfway(&app, &firm).await;
    for steps in [-60, 90] {
        let far = secret.code(app.clock.now() + Duration::seconds(steps)).unwrap();
        confirm(&app, &token, &far).await.problem(401, "wrong_code");
    }
    let near = secret.code(app.clock.now() + Duration::seconds(30)).unwrap();
    assert_eq!(confirm(&app, &token, &near).await.status, 200, "one step of difference is allowed");
    app.clock.advance(Duration::minutes(5));
    let code = secret.code(app.clock.now()).unwrap();
    confirm(&app, &token, &code).await.problem(401, "wrong_code");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a56_a_recovery_code_serves_once_and_new_ones_replace_old_ones() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let (_, old) = enrolled(&app, &firm).await;
    assert_eq!((old.len(), old[0].len()), (10, 19));
    let token = halfway(&app, &firm).await;
    let typed = old[0].to_uppercase().replace('-', " ");
    let tries = futures_util::future::join_all((0..4).map(|_| confirm(&app, &token, &typed))).await;
    let entered = tries.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(entered, 1, "{:?}", tries.iter().map(Answer::text).collect::<Vec<_>>());
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes WHERE used_at IS NULL"), 9);
    let new = codes(&firm.owner.post("/v1/me/recovery-codes", json!({})).ok().await);
    assert!(new.iter().all(|code| !old.contains(code)));
    app.clock.advance(Duration::minutes(1));
    let token = halfway(&app, &firm).await;
    confirm(&app, &token, &old[1]).await.problem(401, "wrong_code");
    assert_eq!(confirm(&app, &token, &new[1]).await.status, 200);
    let stored = app.database.ask("SELECT string_agg(encode(digest, 'escape'), ' ') FROM recovery_codes");
    assert!(new.iter().all(|code| !stored.contains(code)), "digests only");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a50_a56_wrong_codes_slow_down_the_address_they_come_from_and_nobody_else() {
    let app = TestApp::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let firm = app.firm("foshan").await;
    let (_, recovery) = enrolled(&app, &firm).await;
    let token = halfway(&app, &firm).await;
    let from = |address: &str, code: &str| {
        let body = json!({ "mfa_token": token, "code": code });
        app.visitor().post("/v1/auth/mfa", body).header("x-forwarded-for", address).send()
    };
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(from("203.0.113.9", "000000").await.status);
    }
    assert_eq!(statuses[..6], [401, 401, 401, 401, 401, 429]);
    assert!(statuses[6..].iter().all(|status| *status == 429));
    from("203.0.113.9", &recovery[0]).await.problem(429, "too_many_requests");
    assert_eq!(from("198.51.100.7", &recovery[0]).await.status, 200, "the victim gets in");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a53_a55_a_reset_asks_for_the_code_still_and_kills_the_first_step() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let (_, recovery) = enrolled(&app, &firm).await;
    let token = halfway(&app, &firm).await;
    app.visitor().post("/v1/auth/forgot-password", json!({ "email": firm.email })).ok().await;
    app.run_jobs().await;
    app.clock.advance(Duration::seconds(1));
    let body = json!({ "token": app.token_from_mail(&firm.email), "password": "quiet granite lantern 41" });
    app.visitor().post("/v1/auth/reset-password", body).ok().await;
    confirm(&app, &token, &recovery[0]).await.problem(401, "wrong_code");
    let body = json!({ "email": firm.email, "password": "quiet granite lantern 41" });
    let again = app.visitor().post("/v1/auth/log-in", body).ok().await;
    assert_eq!(again["mfa_required"], true);
    assert_eq!(confirm(&app, &text(&again, "/mfa_token"), &recovery[0]).await.status, 200);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a61_what_is_worth_stealing_a_session_for_asks_again_who_one_is() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let (secret, recovery) = enrolled(&app, &firm).await;
    firm.owner.post("/v1/me/totp", json!({})).send().await.problem(409, "totp_enabled");
    app.clock.advance(Duration::seconds(301));
    let codes = || firm.owner.post("/v1/me/recovery-codes", json!({})).send();
    codes().await.problem(403, "step_up_required");
    firm.owner.delete("/v1/me/totp").send().await.problem(403, "step_up_required");
    firm.owner.post("/v1/me/totp", json!({})).send().await.problem(403, "step_up_required");

    let step_up = |body: Value| firm.owner.post("/v1/auth/step-up", body).send();
    step_up(json!({ "password": "wrong but long enough" })).await.problem(403, "wrong_password");
    step_up(json!({ "code": "000000" })).await.problem(403, "code_refused");
    step_up(json!({})).await.problem(422, "validation_failed");
    step_up(json!({ "password": PASSWORD, "code": "000000" })).await.problem(422, "validation_failed");
    codes().await.problem(403, "step_up_required");
    assert_eq!(step_up(json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(codes().await.status, 200);
    app.clock.advance(Duration::seconds(301));
    codes().await.problem(403, "step_up_required");
    let code = secret.code(app.clock.now()).unwrap();
    assert_eq!(step_up(json!({ "code": code })).await.status, 204);
    assert_eq!(codes().await.status, 200);
    step_up(json!({ "code": recovery[3] })).await.problem(403, "code_refused");
    assert_eq!(step_up(json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(firm.owner.delete("/v1/me/totp").send().await.status, 204);
    assert_eq!(firm.owner.delete("/v1/me/totp").send().await.status, 204, "twice is no complaint");
    codes().await.problem(409, "totp_not_enabled");
    let plain = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    assert!(plain["mfa_required"].is_null() && plain["access_token"].is_string());
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes"), 0);
    app.run_jobs().await;
    assert!(app.mails(&firm.email)[0].text.contains("不再需要验证码"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_counts_from_its_first_code_on() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let confirm = |code: String| firm.owner.post("/v1/me/totp/confirm", json!({ "code": code })).send();
    confirm("000000".into()).await.problem(409, "totp_not_enabled");
    let dropped = firm.owner.post("/v1/me/totp", json!({})).ok().await;
    let kept = firm.owner.post("/v1/me/totp", json!({})).ok().await;
    let code = |begun: &Value| TotpSecret::from_base32(&text(begun, "/secret")).unwrap().code(app.clock.now()).unwrap();
    confirm(code(&dropped)).await.problem(403, "code_refused");
    let plain = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    assert!(plain["access_token"].is_string(), "a secret that nobody confirmed locks nobody out");
    assert_eq!(confirm(code(&kept)).await.status, 200);
    confirm(code(&kept)).await.problem(409, "totp_not_enabled");
    app.run_jobs().await;
}
