//! What files really are: their types, their small pictures, their viruses.

mod content_types;
mod thumbnails;
mod viruses;

use reqwest::Method;
use serde_json::json;
use tests::{Client, Request};

/// A request that stores a file in a bucket, under a named type if there is one.
fn put(client: &Client, place: &str, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Request {
    let (bucket, path) = place.split_once('/').unwrap();
    let request = client.request(Method::PUT, format!("/v1/buckets/{bucket}/files/{path}")).bytes(body);
    match content_type {
        Some(content_type) => request.header("content-type", content_type),
        None => request,
    }
}

async fn bucket(client: &Client, name: &str, allowed_types: &[&str]) {
    client.post("/v1/buckets", json!({ "name": name, "allowed_types": allowed_types })).ok().await;
}
