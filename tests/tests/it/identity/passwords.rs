//! Passwords chosen, changed, forgotten; addresses changed.

use super::{credentials, is_signed_in, member, refresh, text};
use argon2::PasswordHasher;
use chrono::Duration;
use serde_json::{Value, json};
use tests::{Answer, Client, Firm, PASSWORD, TestApp};

const OTHER: &str = "quiet granite lantern 41";

async fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.visitor().post("/v1/auth/log-in", json!({ "email": email, "password": password })).send().await
}

/// Another session of the same person.
async fn elsewhere(app: &TestApp, firm: &Firm) -> Client {
    let tokens = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    app.visitor().with_token(text(&tokens, "/access_token"))
}

/// Asks for a link and returns its token.
async fn forget(app: &TestApp, email: &str) -> String {
    let answer = app.visitor().post("/v1/auth/forgot-password", json!({ "email": email })).send().await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    app.run_jobs().await;
    app.token_from_mail(email)
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    app.visitor().post("/v1/auth/reset-password", json!({ "token": token, "password": password })).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_a60_a_password_is_changed_by_who_knows_it_and_other_sessions_end() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let other = elsewhere(&app, &firm).await;
    let change = |present: &str, new: &str| {
        firm.owner.post("/v1/me/password", json!({ "current_password": present, "password": new })).send()
    };
    change("wrong but long enough", OTHER).await.problem(403, "wrong_password");
    let missing = firm.owner.post("/v1/me/password", json!({ "password": OTHER })).unchecked().send().await;
    assert_eq!(missing.status, 422);
    assert!(is_signed_in(&other).await, "nothing was changed");
    for weak in ["1234567", "password1234567", "Owner@foshan.example", "smecloud2026"] {
        change(PASSWORD, weak).await.problem(422, "validation_failed");
    }
    assert_eq!(log_in(&app, &firm.email, PASSWORD).await.status, 200);
    assert_eq!(change(PASSWORD, OTHER).await.status, 204);
    assert!(is_signed_in(&firm.owner).await && !is_signed_in(&other).await);
    log_in(&app, &firm.email, PASSWORD).await.problem(401, "wrong_credentials");
    assert_eq!(log_in(&app, &firm.email, OTHER).await.status, 200);
    app.run_jobs().await;
    assert!(app.mails(&firm.email)[0].text.contains("您账户的密码已更改"));
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action = 'auth.password_changed'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_of_one_password_at_once_are_one() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let change = |new: &'static str| {
        firm.owner.post("/v1/me/password", json!({ "current_password": PASSWORD, "password": new })).send()
    };
    let (one, two) = futures_util::future::join(change(OTHER), change("walnut tea harbour 88")).await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a50_guessing_the_present_password_is_slowed_down() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let body = json!({ "current_password": "wrong but long enough", "password": OTHER });
        statuses.push(firm.owner.post("/v1/me/password", body).send().await.status);
    }
    assert_eq!(statuses, [403, 403, 403, 403, 403, 429]);
    assert!(is_signed_in(&firm.owner).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a55_a_link_sets_a_password_once_within_an_hour_and_ends_all_sessions() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let first = forget(&app, &firm.email).await;
    let second = forget(&app, &firm.email).await;
    for dead in [first.as_str(), "", "nothing", &firm.refresh_token] {
        reset(&app, dead, OTHER).await.problem(400, "link_invalid");
    }
    reset(&app, &second, "password1234567").await.problem(422, "validation_failed");
    assert!(is_signed_in(&firm.owner).await, "nothing was changed");
    assert_eq!(reset(&app, &second, OTHER).await.status, 204, "a weak password does not use the link up");
    reset(&app, &second, "walnut tea harbour 88").await.problem(400, "link_invalid");
    assert!(!is_signed_in(&firm.owner).await);
    refresh(&app, &firm.refresh_token).await.problem(401, "refresh_token_invalid");
    log_in(&app, &firm.email, PASSWORD).await.problem(401, "wrong_credentials");
    assert_eq!(log_in(&app, &firm.email, OTHER).await.status, 200);

    app.pass(Duration::hours(2)).await;
    let late = forget(&app, &firm.email).await;
    app.pass(Duration::hours(1)).await;
    reset(&app, &late, PASSWORD).await.problem(400, "link_invalid");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_resets_by_one_link_at_once_are_one() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let token = forget(&app, &firm.email).await;
    let answers = futures_util::future::join_all((0..6).map(|_| reset(&app, &token, OTHER))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400, 400, 400, 400, 400]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_a54_f48_forgetting_tells_nothing_and_sends_three_mails_an_hour() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let before = app.mails(&firm.email).len();
    for email in [firm.email.as_str(), "nobody@example.cn"] {
        let mut answers = Vec::new();
        for minute in 0..8 {
            let body = json!({ "email": email });
            let answer = app.visitor().post("/v1/auth/forgot-password", body).send().await;
            answers.push((answer.status, answer.header("retry-after").to_owned()));
            if minute > 2 {
                app.clock.advance(Duration::minutes(10));
            }
        }
        let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [202, 202, 202, 429, 429, 429, 429, 429], "{email}");
        assert_eq!(answers[3].1, "3601", "{email}");
        app.clock.advance(Duration::hours(2));
    }
    app.run_jobs().await;
    assert_eq!(app.mails(&firm.email).len(), before + 3);
    assert_eq!(app.mails("nobody@example.cn").len(), 0);
}

/// Asks for another address.
async fn ask(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/v1/me/email", json!({ "email": email, "password": password })).send().await
}

async fn follow(app: &TestApp, token: &str) -> Answer {
    app.visitor().post("/v1/auth/verify-email", json!({ "token": token })).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_changes_when_its_link_is_followed_and_everywhere() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    ask(&firm.owner, "new@foshan.example", "wrong but long enough").await.problem(403, "wrong_password");
    let reset_link = forget(&app, &firm.email).await;
    assert_eq!(ask(&firm.owner, "dropped@foshan.example", PASSWORD).await.status, 202);
    assert_eq!(ask(&firm.owner, "New@Foshan.example", PASSWORD).await.status, 202);
    app.run_jobs().await;
    let (dropped, token) = (app.token_from_mail("dropped@foshan.example"), app.token_from_mail("new@foshan.example"));
    follow(&app, &dropped).await.problem(400, "link_invalid");
    assert_eq!(firm.owner.get("/v1/me").ok().await["user"]["email"], firm.email.as_str(), "not before");
    assert_eq!(text(&follow(&app, &token).await.value(), "/email"), "new@foshan.example");
    follow(&app, &token).await.problem(400, "link_invalid");
    assert_eq!(member(&firm, "new@foshan.example").await["role"], "owner");
    log_in(&app, &firm.email, PASSWORD).await.problem(401, "wrong_credentials");
    assert_eq!(log_in(&app, "new@foshan.example", PASSWORD).await.status, 200);
    reset(&app, &reset_link, OTHER).await.problem(400, "link_invalid");
    app.run_jobs().await;
    assert!(app.mails(&firm.email)[0].text.contains("登录邮箱已更改"), "the old address is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_want_one_address_one_gets_it() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    ask(&tea.owner, &parts.email, PASSWORD).await.problem(409, "email_taken");
    assert_eq!(ask(&tea.owner, "wanted@example.cn", PASSWORD).await.status, 202);
    app.run_jobs().await;
    let first = app.token_from_mail("wanted@example.cn");
    assert_eq!(ask(&parts.owner, "wanted@example.cn", PASSWORD).await.status, 202);
    app.run_jobs().await;
    let second = app.token_from_mail("wanted@example.cn");
    let (one, two) = futures_util::future::join(follow(&app, &first), follow(&app, &second)).await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), two.text());
    assert_eq!(app.count("SELECT count(*) FROM users WHERE email = 'wanted@example.cn'"), 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_kills_links_that_were_asked_for_before() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    assert_eq!(ask(&firm.owner, "thief@example.cn", PASSWORD).await.status, 202);
    let reset_link = forget(&app, &firm.email).await;
    assert_eq!(reset(&app, &reset_link, OTHER).await.status, 204);
    follow(&app, &app.token_from_mail("thief@example.cn")).await.problem(400, "link_invalid");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn name_and_language_change_in_all_firms() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let second = firm.owner.post("/v1/tenants", json!({ "name": "Second" })).ok().await;
    let changed = firm.owner.patch("/v1/me", json!({ "display_name": " 陈总 ", "locale": "en" })).ok().await;
    assert_eq!((&changed["display_name"], &changed["locale"]), (&json!("陈总"), &json!("en")));
    let copies = app.count("SELECT count(*) FROM members WHERE display_name = '陈总' AND locale = 'en'");
    assert_eq!(copies, 2, "{second:#}");
    assert_eq!(firm.owner.patch("/v1/me", json!({})).ok().await, changed);
    for wrong in [json!({ "display_name": "x\nSubject: y" }), json!({ "email": "x@y.cn" }), json!({ "locale": "tlh" })]
    {
        let answer = firm.owner.patch("/v1/me", wrong).unchecked().send().await;
        answer.problem(422, "validation_failed");
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hashes_of_less_work_are_replaced_at_log_in() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let hash = weak.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    app.database.sql(&format!("UPDATE users SET password_hash = '{hash}'"));
    assert_eq!(log_in(&app, &firm.email, PASSWORD).await.status, 200);
    let strong = "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(app.count(strong), 1);
    assert_eq!(log_in(&app, &firm.email, PASSWORD).await.status, 200);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_are_kept_with_version_and_time() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let consents = firm.owner.get("/v1/me/consents").ok().await;
    let rows = consents["data"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["accepted_version"], row["current_version"], "{row:#}");
        assert_eq!(row["accepted_at"], "2026-11-02T02:00:00Z");
    }
    let mut body: Value = json!({ "email": "part@example.cn", "password": PASSWORD, "display_name": "x", "company_name": "y",
        "consents": [{ "document": "terms", "version": "1999-01-01" }] });
    app.sign_up(body.clone()).await.problem(422, "validation_failed");
    body["consents"][0]["version"] = rows[0]["current_version"].clone();
    let part = app.sign_up(body).await.value();
    let part = app.visitor().with_token(text(&part, "/access_token"));
    let given = |consents: &Value| -> Vec<bool> {
        consents["data"].as_array().unwrap().iter().map(|row| !row["accepted_at"].is_null()).collect()
    };
    assert_eq!(given(&part.get("/v1/me/consents").ok().await), [true, false]);
    let privacy = json!({ "document": "privacy", "version": rows[1]["current_version"] });
    for _ in 0..2 {
        assert_eq!(given(&part.post("/v1/me/consents", privacy.clone()).ok().await), [true, true]);
    }
    let outdated = json!({ "document": "privacy", "version": "1999-01-01" });
    part.post("/v1/me/consents", outdated).send().await.problem(422, "validation_failed");
    assert_eq!(app.count("SELECT count(*) FROM consents"), 4);
    app.run_jobs().await;
}
