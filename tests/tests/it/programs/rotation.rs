//! New secrets, and how long the old ones work beside them.

use super::opens;
use chrono::Duration;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Firm, Program, TestApp};

const DAY: u32 = 24 * 60 * 60;

#[tokio::test(flavor = "multi_thread")]
async fn the_new_secret_works_at_once_and_the_old_one_to_the_end_of_the_overlap() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let old = firm.program(&["catalogue:read"]).await;
    // Nothing is said of an overlap, not even by a body: a day.
    let rotate = format!("{}/rotate", old.path());
    let answer = firm.owner.request(reqwest::Method::POST, rotate).unchecked().send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let new = Program::of(&firm.owner, &answer.value());
    assert_eq!((&new.id, answer.value()["previous_until"].as_str()), (&old.id, Some("2026-11-03T02:00:00Z")));
    assert!(new.secret.ends_with(answer.value()["last4"].as_str().unwrap()) && new.secret != old.secret);
    assert!(opens(&new.client).await && opens(&old.client).await);
    app.clock.advance(Duration::days(1) - Duration::microseconds(1));
    assert!(opens(&new.client).await && opens(&old.client).await);
    app.clock.advance(Duration::microseconds(1));
    assert!(opens(&new.client).await && !opens(&old.client).await);
    app.run_jobs().await;
    let firm = app.signed_in_again(&firm).await;
    let types = firm.event_types().await;
    assert_eq!(types.iter().filter(|kind| *kind == "api_key.rotated").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_overlap_ends_every_older_secret_at_once_and_a_shorter_one_shortens() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let first = firm.program(&["catalogue:read"]).await;
    let second = firm.rotates(&first, 7 * DAY).await;
    let third = firm.rotates(&first, 60).await;
    app.clock.advance(Duration::seconds(59));
    assert!(opens(&first.client).await && opens(&second.client).await && opens(&third.client).await);
    app.clock.advance(Duration::seconds(1));
    assert!(!opens(&first.client).await && !opens(&second.client).await && opens(&third.client).await);
    let fourth = firm.rotates(&first, DAY).await;
    let fifth = firm.rotates(&first, 0).await;
    assert!(!opens(&third.client).await && !opens(&fourth.client).await && opens(&fifth.client).await);
    assert_eq!(app.count("SELECT count(*) FROM api_key_secrets"), 1, "what has ended is forgotten");
    app.run_jobs().await;
}

/// Fifty rotations at once, each with an idempotency key of its own.
async fn fifty(firm: &Firm, key: &Program, body: &Value) -> (Vec<Program>, Vec<Answer>) {
    let send = || firm.owner.post(format!("{}/rotate", key.path()), body.clone()).send();
    let answers = join_all((0..50).map(|_| send())).await;
    let (rotated, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    (rotated.iter().map(|answer| Program::of(&firm.owner, &answer.value())).collect(), refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_rotations_at_once_leave_one_present_secret_and_four_that_are_ending() {
    let app = TestApp::start_with(&[("DATABASE_POOL_SIZE", "50")]).await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read"]).await;
    let (rotated, refused) = fifty(&firm, &key, &json!({})).await;
    assert_eq!((rotated.len(), refused.len()), (4, 46));
    for answer in refused {
        answer.problem(409, "too_many_secrets");
    }
    for program in rotated.iter().chain([&key]) {
        assert!(opens(&program.client).await);
    }
    let present = "SELECT count(*) FROM api_key_secrets WHERE ends_at IS NULL";
    assert_eq!((app.count(present), app.count("SELECT count(*) FROM api_key_secrets")), (1, 5));
    let shown = firm.owner.get(key.path()).ok().await;
    app.clock.advance(Duration::days(1));
    let mut left = Vec::new();
    for program in &rotated {
        if opens(&program.client).await {
            left.push(program.secret.clone());
        }
    }
    assert_eq!(left.len(), 1);
    assert!(left[0].ends_with(shown["last4"].as_str().unwrap()));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_rotations_without_overlap_leave_one_secret() {
    let app = TestApp::start_with(&[("DATABASE_POOL_SIZE", "50")]).await;
    let firm = app.firm("foshan").await;
    let key = firm.program(&["catalogue:read"]).await;
    let (rotated, refused) = fifty(&firm, &key, &json!({ "overlap_seconds": 0 })).await;
    assert_eq!((rotated.len(), refused.len()), (50, 0), "{:?}", refused.first().map(Answer::text));
    let open = join_all(rotated.iter().map(|program| opens(&program.client))).await;
    assert_eq!(open.into_iter().filter(|open| *open).count(), 1);
    assert!(!opens(&key.client).await);
    assert_eq!(app.count("SELECT count(*) FROM api_key_secrets"), 1);
    app.run_jobs().await;
}

/// Repeats are kept apart by key, and stay together when its secret changes.
#[tokio::test(flavor = "multi_thread")]
async fn idempotency_keys_belong_to_the_key_and_not_to_its_secret() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let (one, two) = (firm.program(&["catalogue:write"]).await, firm.program(&["catalogue:write"]).await);
    let body = json!({ "name": "茶" });
    let create = |program: &Program| program.client.post("/v1/categories", body.clone()).key("same").send();
    let first = create(&one).await;
    assert_eq!(first.status, 201);
    let rotated = firm.rotates(&one, 0).await;
    let replayed = create(&rotated).await;
    assert_eq!((replayed.header("idempotent-replayed"), &replayed.body), ("true", &first.body));
    let others = create(&two).await;
    assert_eq!(others.header("idempotent-replayed"), "");
    app.run_jobs().await;
}
