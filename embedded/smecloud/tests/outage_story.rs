//! The database dies or takes no writes: callers are told to come back, and the platform recovers by itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its tools too")]

mod stage;

use serde_json::{Value, json};
use stage::{House, Person};
use std::{
    fs,
    time::{Duration, Instant},
};

/// How soon everything answers again.
const RECOVERY: Duration = Duration::from_secs(20);

fn bucket(name: &str) -> Option<Value> {
    Some(json!({ "name": name, "visibility": "private" }))
}

/// A request as it is answered, without asking again.
async fn once(person: &Person, method: &str, path: &str, body: Option<Value>) -> (u16, Option<String>, Value) {
    let mut request = reqwest::Client::new()
        .request(method.parse().unwrap(), format!("{}{path}", person.house.address().await))
        .bearer_auth(&person.token)
        .header("idempotency-key", uuid::Uuid::new_v4().to_string());
    if let Some(body) = body {
        request = request.body(body.to_string()).header("content-type", "application/json");
    }
    let answer = request.send().await.unwrap();
    let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), retry, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

fn signal_postmaster(house: &House, signal: i32) {
    let file = fs::read_to_string(house.path().join("pg/data/postmaster.pid")).unwrap();
    let pid = file.lines().next().unwrap().trim().parse().unwrap();
    // SAFETY: kill takes plain numbers.
    #[expect(unsafe_code, reason = "the standard library signals only children")]
    let sent = unsafe { libc::kill(pid, signal) };
    assert_eq!(sent, 0);
}

/// Asks until the answer has this status; anything else but success must be an honest 503.
async fn until(person: &Person, method: &str, path: &str, body: Option<Value>, wanted: u16) {
    let since = Instant::now();
    loop {
        let (status, retry, answer) = once(person, method, path, body.clone()).await;
        if status == wanted {
            return;
        }
        assert!(status == 503 && retry.is_some() || status < 300, "{status} {retry:?} {answer}");
        assert!(since.elapsed() < RECOVERY, "{method} {path} stays {status} {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_dies_is_answered_with_503_and_comes_back() {
    let house = House::start();
    let seller = Person::new(&house, "seller").await;
    seller.ok("POST", "/v1/buckets", bucket("kept")).await;
    signal_postmaster(&house, libc::SIGKILL);
    until(&seller, "POST", "/v1/buckets", bucket("after"), 201).await;
    until(&seller, "GET", "/readyz", None, 200).await;
    let buckets = seller.ok("GET", "/v1/buckets", None).await;
    let names: Vec<_> = buckets["data"].as_array().unwrap().iter().map(|bucket| &bucket["name"]).collect();
    assert!(names.contains(&&json!("kept")) && names.contains(&&json!("after")), "{buckets}");
}

/// As after a failover to a standby: what is written is refused, what is read is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_reads_refuses_writes_and_answers_reads() {
    let house = House::start();
    let seller = Person::new(&house, "seller").await;
    let settings = house.path().join("pg/data/postgresql.auto.conf");
    let before = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{before}default_transaction_read_only = on\n")).unwrap();
    signal_postmaster(&house, libc::SIGHUP);
    let mut number = 0;
    loop {
        number += 1;
        let (status, retry, answer) = once(&seller, "POST", "/v1/buckets", bucket(&format!("bucket-{number}"))).await;
        if status != 201 {
            assert_eq!(
                (status, &answer["code"], retry.as_deref()),
                (503, &json!("unavailable"), Some("1")),
                "{answer}"
            );
            break;
        }
    }
    let (status, ..) = once(&seller, "GET", "/v1/buckets", None).await;
    assert_eq!(status, 200);
    fs::write(&settings, before).unwrap();
    signal_postmaster(&house, libc::SIGHUP);
    until(&seller, "POST", "/v1/buckets", bucket("after"), 201).await;
    let buckets = seller.ok("GET", "/v1/buckets?limit=100", None).await;
    assert_eq!(buckets["data"].as_array().unwrap().len(), number, "what was refused is not there: {buckets}");
}

/// As on a full disk: the store cannot make a file.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_store_that_cannot_write_is_answered_with_503_and_loses_nothing() {
    let house = House::start();
    let seller = Person::new(&house, "seller").await;
    seller.ok("POST", "/v1/buckets", bucket("docs")).await;
    let put = async |name: &str| {
        let url = format!("{}/v1/buckets/docs/files/{name}", house.address().await);
        let request = reqwest::Client::new().put(url).bearer_auth(&seller.token).body(vec![7_u8; 100_000]);
        request.header("content-type", "application/x-test").send().await.unwrap()
    };
    assert_eq!(put("before").await.status(), 201);
    let room = house.path().join("objects/buckets/smecloud/tmp");
    fs::rename(&room, room.with_extension("away")).unwrap();
    let refused = put("during").await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    let (_, bytes) = seller.send("GET", "/v1/buckets/docs/files/before", None).await;
    assert_eq!(bytes.len(), 100_000);
    fs::rename(room.with_extension("away"), &room).unwrap();
    assert_eq!(put("during").await.status(), 201);
    let (_, bytes) = seller.send("GET", "/v1/buckets/docs/files/during", None).await;
    assert_eq!(bytes.len(), 100_000);
}
