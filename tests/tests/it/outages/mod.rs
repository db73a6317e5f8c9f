//! The object store goes away, has too much to do, or answers wrongly, in the middle of everything that needs it: callers are told
//! so and when to come back, nobody sees half a file, and everything settles once it is well again.

mod answers;
mod downloads;
mod uploads;
mod work;

use crate::uploads::firm_with_docs;
use chrono::Duration;
use reqwest::Method;
use serde_json::Value;
use tests::{Answer, Firm, Line, TestApp, objects};

/// The platform behind a line to its object store, and a firm with the bucket `docs`.
async fn stage() -> (TestApp, Firm, Line) {
    let line = Line::to(objects().address.clone()).await.unwrap();
    let (through, past) = (format!("http://{}", line.address()), objects().endpoint());
    let app = TestApp::start_with(&[("S3_ENDPOINT", &through), ("S3_PUBLIC_ENDPOINT", &past)]).await;
    let firm = firm_with_docs(&app).await;
    (app, firm, line)
}

/// The answer says that the store is away, and when to come back.
fn is_away(answer: &Answer) {
    answer.problem(503, "storage_unavailable");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
}

async fn put(firm: &Firm, name: &str, body: &[u8]) -> Answer {
    firm.owner.request(Method::PUT, format!("/v1/buckets/docs/files/{name}")).bytes(body.to_vec()).send().await
}

async fn get(firm: &Firm, name: &str) -> Answer {
    firm.owner.get(format!("/v1/buckets/docs/files/{name}")).send().await
}

async fn paths(firm: &Firm) -> Vec<String> {
    let list = firm.owner.get("/v1/buckets/docs/files").ok().await;
    let path = |file: &Value| file["path"].as_str().unwrap().to_owned();
    list["data"].as_array().unwrap().iter().map(path).collect()
}

/// Lets what is over expire and what failed be tried again; then nothing may be left over.
async fn settles(app: &TestApp) {
    for _ in 0..4 {
        app.pass(Duration::hours(13)).await;
    }
    app.storage_is_settled().await;
}
