//! Ways in and out beside the API's own streams: addresses at the object store, and uploads that can be resumed.

mod addresses;
mod direct;
mod ends;
mod parts;
pub mod tus;
mod tus_breaks;
mod tus_ends;
mod tus_js;
mod tus_pieces;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, Firm, TestApp};
pub use tests::{noise, sha256 as hash};

/// A firm with the bucket `docs`.
pub async fn firm_with_docs(app: &TestApp) -> Firm {
    let firm = app.firm("tea-chaozhou").await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    firm
}

/// Begins a direct upload to `docs`.
pub async fn begin(firm: &Firm, body: Value) -> Answer {
    let key = uuid::Uuid::new_v4().to_string();
    firm.owner.post("/v1/buckets/docs/uploads", body).key(&key).send().await
}

/// Sends the one PUT, or a part's, as told; the store's answer.
pub async fn put(told: &Value, bytes: impl Into<reqwest::Body>) -> StatusCode {
    try_put(told, bytes).await.unwrap()
}

/// The same where the store may refuse, and close the line before it has read all.
pub async fn try_put(told: &Value, bytes: impl Into<reqwest::Body>) -> reqwest::Result<StatusCode> {
    let mut request = reqwest::Client::new().put(told["url"].as_str().unwrap()).body(bytes);
    for (name, value) in told["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    Ok(request.send().await?.status())
}

pub fn path(upload: &Value) -> String {
    format!("/v1/buckets/docs/uploads/{}", upload["upload_id"].as_str().unwrap())
}

pub async fn complete(firm: &Firm, upload: &Value) -> Answer {
    firm.owner.request(Method::POST, format!("{}/complete", path(upload))).send().await
}

/// Used and reserved bytes.
pub async fn quota(firm: &Firm) -> (i64, i64) {
    let quota = &firm.owner.get("/v1/storage/usage").ok().await["quota"];
    (quota["used"].as_i64().unwrap(), quota["reserved"].as_i64().unwrap())
}
