//! What people outside see of a firm: share links.

mod bringing;
mod counting;
mod folders;
mod links;
mod logs;
mod pages;
mod passwords;
mod public;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Firm, TestApp};

/// Stores a file in the bucket `docs`, which is made if need be, and returns the file.
async fn stores(firm: &Firm, path: &str, content_type: &str, content: &str) -> Value {
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).send().await;
    let address = format!("/v1/buckets/docs/files/{path}");
    let put = firm.owner.request(Method::PUT, address).header("content-type", content_type);
    put.bytes(content.to_owned()).ok().await
}

/// A share of a file, made with more wishes.
async fn shares(firm: &Firm, file: &Value, wishes: Value) -> Value {
    let mut body = json!({ "file_id": file["id"], "mode": "download" });
    body.as_object_mut().unwrap().extend(wishes.as_object().cloned().unwrap());
    firm.owner.post("/v1/shares", body).ok().await
}

/// A share of a folder of the bucket `docs`.
async fn shares_folder(firm: &Firm, prefix: &str, wishes: Value) -> Value {
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).send().await;
    let mut body = json!({ "bucket": "docs", "prefix": prefix, "mode": "download" });
    body.as_object_mut().unwrap().extend(wishes.as_object().cloned().unwrap());
    firm.owner.post("/v1/shares", body).ok().await
}

/// The path of a share's address.
fn path(share: &Value) -> String {
    format!("/s/{}", share["token"].as_str().unwrap())
}

/// What a visitor gets of a share's file.
async fn takes(app: &TestApp, share: &Value) -> Answer {
    app.visitor().get(format!("{}/content", path(share))).send().await
}

/// What came of the accesses by a share, oldest first.
async fn accesses(firm: &Firm, share: &Value) -> Vec<String> {
    let list = firm.owner.get(format!("/v1/shares/{}/accesses?limit=100", share["id"].as_str().unwrap())).ok().await;
    let rows = list["data"].as_array().unwrap().iter().rev();
    rows.map(|row| row["result"].as_str().unwrap().to_owned()).collect()
}

/// What a browser gets.
async fn browses(app: &TestApp, path: &str, language: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("{}{path}", app.visitor().base()));
    request.header("accept", "text/html,*/*").header("accept-language", language).send().await.unwrap()
}
