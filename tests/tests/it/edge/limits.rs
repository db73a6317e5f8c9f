use chrono::Duration;
use diesel::RunQueryDsl;
use serde_json::json;
use tests::{Answer, Client, TestApp};

/// The platform with limits, whose free plan grants so many requests a minute.
async fn limited(requests_per_minute: u32) -> TestApp {
    let app = TestApp::start_with(&[("RATE_LIMITS", "on")]).await;
    grant(&app, requests_per_minute);
    app
}

fn grant(app: &TestApp, requests_per_minute: u32) {
    let update = format!("UPDATE plans SET requests_per_minute = {requests_per_minute} WHERE code = 'free'");
    diesel::sql_query(update).execute(&mut app.database.superuser()).unwrap();
}

async fn ask(client: &Client) -> Answer {
    client.get("/v1/tenant").send().await
}

async fn use_up(client: &Client, count: usize) {
    for number in 0..count {
        assert_eq!(ask(client).await.status, 200, "request {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_who_uses_up_their_requests_takes_none_of_others() {
    let app = limited(5).await;
    let (a, b) = app.two_firms().await;
    let first = ask(&a.owner).await;
    assert_eq!(first.header("ratelimit-policy"), "\"requests\";q=5;w=60");
    assert_eq!(first.header("ratelimit"), "\"requests\";r=4;t=13");
    use_up(&a.owner, 4).await;
    let refused = ask(&a.owner).await;
    let problem = refused.problem(429, "too_many_requests");
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(problem["violated-policies"], json!(["requests"]));
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((12..=20).contains(&wait), "{wait}");

    use_up(&b.owner, 5).await;
    app.clock.advance(Duration::seconds(wait));
    use_up(&a.owner, 1).await;
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_firms_of_one_person_are_counted_apart() {
    let app = limited(5).await;
    let firm = app.firm("tea-chaozhou").await;
    let made = firm.owner.post("/v1/tenants", json!({ "name": "second" })).ok().await;
    let id = made.pointer("/tenant/id").unwrap_or(&made["id"]);
    let switched = firm.owner.post("/v1/auth/switch-tenant", json!({ "tenant_id": id })).ok().await;
    let second = app.visitor().with_token(switched["access_token"].as_str().unwrap());
    use_up(&second, 5).await;
    assert_eq!(ask(&second).await.status, 429);
    assert_eq!(app.count("SELECT count(*) FROM members"), 2);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_plan_is_seen_within_a_minute() {
    let app = limited(5).await;
    let firm = app.firm("tea-chaozhou").await;
    use_up(&firm.owner, 5).await;
    grant(&app, 1000);
    assert_eq!(ask(&firm.owner).await.status, 429);
    app.clock.advance(Duration::seconds(61));
    let answer = ask(&firm.owner).await;
    assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, "\"requests\";q=1000;w=60"));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_counted_by_address_and_never_to_a_firm() {
    let app = limited(5).await;
    let firm = app.firm("tea-chaozhou").await;
    let guess = app.visitor().with_token(format!("{}x", firm.owner.token().unwrap()));
    let mut refused = None;
    for _ in 0..301 {
        refused = Some(ask(&guess).await);
    }
    refused.unwrap().problem(429, "too_many_requests");
    // Whoever shares the address and is known goes on, with all that is theirs.
    assert_eq!(ask(&firm.owner).await.header("ratelimit"), "\"requests\";r=4;t=13");
    app.run_jobs().await;
}
