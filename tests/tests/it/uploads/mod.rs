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
use sha2::{Digest, Sha256};
use tests::{Answer, Firm, TestApp};

/// A firm with the bucket `docs`.
pub async fn firm_with_docs(app: &TestApp) -> Firm {
    let firm = app.firm("tea-chaozhou").await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    firm
}

pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Begins a direct upload to `docs`.
pub async fn begin(firm: &Firm, body: Value) -> Answer {
    let key = uuid::Uuid::new_v4().to_string();
    firm.owner.post("/v1/buckets/docs/uploads", body).key(&key).send().await
}

/// Sends the one PUT, or a part's, as told; the store's answer.
pub async fn put(told: &Value, bytes: impl Into<reqwest::Body>) -> StatusCode {
    let mut request = reqwest::Client::new().put(told["url"].as_str().unwrap()).body(bytes);
    for (name, value) in told["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.send().await.unwrap().status()
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

/// Bytes that repeat late.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    })
    .take(length)
    .collect()
}
