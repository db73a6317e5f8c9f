use super::{accesses, path, shares, stores, takes};
use chrono::Duration;
use serde_json::{Value, json};
use tests::{Answer, Firm, TestApp};

const SECRET: &str = "granite lantern 41 orchard";

async fn locked(firm: &Firm) -> Value {
    let file = stores(firm, "a.txt", "text/plain", "secret content").await;
    shares(firm, &file, json!({ "password": SECRET })).await
}

async fn tries(app: &TestApp, share: &Value, password: &str, from: &str) -> Answer {
    let request = app.visitor().request(reqwest::Method::POST, path(share)).json(json!({ "password": password }));
    request.header("x-forwarded-for", from).send().await
}

async fn takes_with(app: &TestApp, share: &Value, pass: &str) -> Answer {
    let content = app.visitor().get(format!("{}/content", path(share)));
    content.header("authorization", &format!("Share {pass}")).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_opens_its_own_link_for_an_hour() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let (share, other) = (locked(&firm).await, locked(&firm).await);
    assert_eq!(share["has_password"], true);
    let refused = app.visitor().get(path(&share)).send().await;
    let problem = refused.problem(401, "share_locked");
    assert!(!refused.text().contains("a.txt"), "nothing is told before the password: {problem:#}");
    takes(&app, &share).await.problem(401, "share_locked");
    tries(&app, &share, "granite lantern 41 orcharD", "").await.problem(403, "share_password_wrong");
    let unlocked = tries(&app, &share, SECRET, "").await;
    assert!(unlocked.header("set-cookie").contains(&format!("Path={}", path(&share))));
    assert!(unlocked.header("set-cookie").contains("HttpOnly"));
    let pass = unlocked.value()["pass"].as_str().unwrap().to_owned();
    assert_eq!(takes_with(&app, &share, &pass).await.text(), "secret content");
    takes_with(&app, &other, &pass).await.problem(401, "share_locked");
    takes_with(&app, &share, "x").await.problem(401, "share_locked");
    let by_cookie = app.visitor().get(path(&share)).header("cookie", &format!("share={pass}")).ok().await;
    assert_eq!(by_cookie["name"], "a.txt");
    app.clock.advance(Duration::hours(1));
    takes_with(&app, &share, &pass).await.problem(401, "share_locked");
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(accesses(&firm, &share).await, ["wrong_password", "unlocked", "downloaded", "opened"]);
    let stored = app.count(&format!("SELECT count(*) FROM shares WHERE shares::text LIKE '%{SECRET}%'"));
    let digests = app.count("SELECT count(*) FROM shares WHERE password_hash LIKE '$argon2id$%'");
    assert_eq!((stored, digests), (0, 2));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_slows_the_guesser_down_and_locks_nobody_out() {
    let app = TestApp::start_with(&[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let firm = app.firm("tea").await;
    let share = locked(&firm).await;
    let (guesser, guest) = ("203.0.113.7", "198.51.100.4");
    for number in 0..5 {
        tries(&app, &share, &format!("guess number {number}"), guesser).await.problem(403, "share_password_wrong");
    }
    let slowed = tries(&app, &share, SECRET, guesser).await;
    slowed.problem(429, "too_many_requests");
    assert!(!slowed.header("retry-after").is_empty());
    assert_eq!(tries(&app, &share, SECRET, guest).await.status, 200, "others are not slowed down");
    // However long it goes on, a quarter of an hour is the longest wait.
    for number in 0..12 {
        app.clock.advance(Duration::minutes(15));
        tries(&app, &share, &format!("later guess {number}"), guesser).await.problem(403, "share_password_wrong");
    }
    tries(&app, &share, SECRET, guesser).await.problem(429, "too_many_requests");
    app.clock.advance(Duration::minutes(15));
    assert_eq!(tries(&app, &share, SECRET, guesser).await.status, 200);
    let firm = app.signed_in_again(&firm).await;
    let results = accesses(&firm, &share).await;
    let of = |wanted: &str| results.iter().filter(|result| *result == wanted).count();
    assert_eq!((of("wrong_password"), of("throttled"), of("unlocked")), (17, 2, 2));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_password_opens_nothing() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let share = locked(&firm).await;
    let send = |kind: &'static str, body: String| {
        let request = app.visitor().request(reqwest::Method::POST, path(&share)).header("content-type", kind);
        request.bytes(body).send()
    };
    send("application/json", "{".into()).await.problem(422, "validation_failed");
    send("application/json", json!({ "other": 1 }).to_string()).await.problem(422, "validation_failed");
    send("text/plain", "password=x".into()).await.problem(415, "unsupported_media_type");
    send("application/x-www-form-urlencoded", "password=".into()).await.problem(403, "share_password_wrong");
    let long = format!("password={}", "x".repeat(1000));
    send("application/x-www-form-urlencoded", long).await.problem(403, "share_password_wrong");
    let huge = format!("password={}", "x".repeat(10_000));
    send("application/x-www-form-urlencoded", huge).await.problem(413, "body_too_large");
    app.run_jobs().await;
}
