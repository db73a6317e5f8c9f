use super::{credentials, is_signed_in, text};
use chrono::Duration;
use serde_json::{Value, json};
use tests::{PASSWORD, TestApp};

fn body() -> Value {
    json!({ "email": "Lin.Mei@Example.CN", "password": PASSWORD, "display_name": "林梅", "company_name": "佛山家具" })
}

#[tokio::test(flavor = "multi_thread")]
async fn person_firm_and_owner_come_into_being_together() {
    let app = TestApp::start().await;
    let answer = app.sign_up(body()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let signed_up = answer.value();
    assert_eq!(
        (text(&signed_up, "/user/email"), &signed_up["user"]["email_verified"]),
        ("lin.mei@example.cn".into(), &json!(false))
    );
    let owner = app.visitor().with_token(text(&signed_up, "/access_token"));
    let me = owner.get("/v1/me").ok().await;
    assert_eq!((&me["role"], &me["tenant"]["id"]), (&json!("owner"), &signed_up["tenant"]["id"]));
    assert_eq!(me["memberships"].as_array().unwrap().len(), 1);

    app.sign_up(body()).await.problem(409, "email_taken");
    assert_eq!(app.count("SELECT count(*) FROM users"), 1);
    assert_eq!(app.count("SELECT count(*) FROM tenants"), 1, "a refused sign-up leaves nothing");
    app.run_jobs().await;
    assert_eq!(app.mails("lin.mei@example.cn").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_at_many_doors_at_once_makes_one_account() {
    let app = TestApp::start().await;
    let answers = futures_util::future::join_all((0..6).map(|_| app.sign_up(body()))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    assert_eq!(app.count("SELECT count(*) FROM tenants"), 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn known_addresses_cannot_be_tried_out_without_end() {
    let app = TestApp::start().await;
    assert_eq!(app.sign_up(body()).await.status, 201);
    let mut refused = 0;
    let throttled = loop {
        let answer = app.sign_up(body()).await;
        if answer.status != 409 {
            break answer;
        }
        refused += 1;
        assert!(refused <= 20, "nobody minds");
    };
    throttled.problem(429, "too_many_requests");
    assert!(throttled.header("retry-after").parse::<u32>().unwrap() >= 1);
    app.clock.advance(Duration::hours(1));
    app.sign_up(body()).await.problem(409, "email_taken");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a08_a13_a45_fields_that_cannot_be_are_named() {
    let app = TestApp::start().await;
    for (field, value) in [
        ("email", "a@x.cn\r\nBcc: v@y.cn"),
        ("email", "a@b@x.cn"),
        ("email", "\"a b\"@x.cn"),
        ("email", "a,b@x.cn"),
        ("password", "short"),
        ("password", "password1234567"),
        ("password", "lin.mei@example.cn"),
        ("display_name", "x\nSubject: y"),
        ("company_name", "   "),
        ("company_name", "nul\u{0}byte"),
        ("time_zone", "Mars/Olympus"),
        ("locale", "tlh"),
        ("role", "owner"),
    ] {
        let mut wrong = body();
        wrong[field] = value.into();
        let answer = app.visitor().post("/v1/auth/sign-up", wrong).unchecked().send().await;
        let problem = answer.problem(422, "validation_failed");
        assert!(problem["errors"][0]["pointer"].as_str().unwrap().contains(field), "{field} {value:?}: {problem:#}");
    }
    assert_eq!(app.count("SELECT count(*) FROM users"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a55_a_link_verifies_once_within_a_day_and_the_older_one_is_dead() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    app.run_jobs().await;
    let first = app.token_from_mail(&firm.email);
    app.visitor().post("/v1/auth/resend-verification", json!({ "email": firm.email })).ok().await;
    app.run_jobs().await;
    let second = app.token_from_mail(&firm.email);
    let verify = |token: &str| app.visitor().post("/v1/auth/verify-email", json!({ "token": token })).send();
    for dead in [first.as_str(), "", "nothing", &firm.refresh_token] {
        assert_eq!(verify(dead).await.status, 400, "{dead}");
    }
    assert_eq!(firm.owner.get("/v1/me").ok().await["user"]["email_verified"], false);
    assert_eq!(verify(&second).await.status, 200);
    assert_eq!(firm.owner.get("/v1/me").ok().await["user"]["email_verified"], true, "for tokens already issued");
    assert_eq!(verify(&second).await.status, 400, "once");

    let late = app.unverified_firm("late").await;
    app.run_jobs().await;
    let token = app.token_from_mail(&late.email);
    app.pass(Duration::hours(24)).await;
    assert_eq!(verify(&token).await.status, 400, "after a day");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f48_a_mail_is_not_sent_again_and_again_and_the_answer_tells_nothing() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    for email in [firm.email.as_str(), "nobody@example.cn"] {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            let again = app.visitor().post("/v1/auth/resend-verification", json!({ "email": email })).send().await;
            statuses.push(again.status);
        }
        assert_eq!(statuses, [202, 202, 202, 429, 429, 429], "{email}");
    }
    app.run_jobs().await;
    assert_eq!(app.mails(&firm.email).len(), 4);
    assert_eq!(app.mails("nobody@example.cn").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_is_not_taken_for_a_missing_one() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    for (path, body) in [
        ("/v1/auth/resend-verification", json!({ "email": "not an address" })),
        ("/v1/auth/resend-verification", json!({ "unknown": 1 })),
        ("/v1/auth/log-out", json!({ "refresh_token": 5 })),
        ("/v1/auth/log-out", json!({})),
    ] {
        let answer = firm.owner.post(path, body.clone()).unchecked().send().await;
        assert_eq!(answer.status, 422, "{path} {body}: {}", answer.text());
        assert!(is_signed_in(&firm.owner).await, "{path} {body}");
    }
    let bare = |path: &'static str| firm.owner.request(reqwest::Method::POST, path).send();
    assert_eq!(bare("/v1/auth/resend-verification").await.status, 202);
    assert_eq!(bare("/v1/auth/log-out").await.status, 204);
    assert!(!is_signed_in(&firm.owner).await);
    assert_eq!(bare("/v1/auth/log-out").await.status, 401, "who is not signed in must say which session ends");
    app.run_jobs().await;
    assert_eq!(app.mails(&firm.email).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_firm_of_the_same_person_is_founded_once_per_key() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let found = |name: &str, key: &str| firm.owner.post("/v1/tenants", json!({ "name": name })).key(key).send();
    let (first, again) = (found("Second", "k-1").await, found("Second", "k-1").await);
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text());
    assert_eq!(first.value()["id"], again.value()["id"]);
    assert_eq!(again.header("idempotent-replayed"), "true");
    found("Third", "k-1").await.problem(422, "idempotency_key_reused");
    assert_eq!(firm.owner.get("/v1/me").ok().await["memberships"].as_array().unwrap().len(), 2);

    app.clock.advance(Duration::seconds(1));
    let to = json!({ "tenant_id": first.value()["id"] });
    let tokens = firm.owner.post("/v1/auth/switch-tenant", to).ok().await;
    let there = app.visitor().with_token(text(&tokens, "/access_token"));
    assert_eq!(there.get("/v1/me").ok().await["tenant"]["id"], first.value()["id"]);
    assert_eq!(firm.owner.get("/v1/me").ok().await["tenant"]["id"], firm.id, "the present session goes on");
    let stranger = app.unverified_firm("stranger").await;
    let to = json!({ "tenant_id": stranger.id });
    firm.owner.post("/v1/auth/switch-tenant", to).send().await.problem(404, "not_found");
    let again = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    let again = app.visitor().with_token(text(&again, "/access_token"));
    assert_eq!(again.get("/v1/me").ok().await["tenant"]["id"], first.value()["id"], "the firm chosen last");
    app.run_jobs().await;
}
