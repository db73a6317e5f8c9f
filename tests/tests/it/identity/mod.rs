//! People, sessions, members and administrators, over HTTP.

mod administrators;
mod browsers;
mod closing;
mod firms;
mod forget_ended;
mod invitations;
mod log_in;
mod members;
mod owners;
mod passwords;
mod refresh;
mod roles;
mod second_factor;
mod sessions;
mod sign_up;
mod signing_keys;
mod timing;
mod tokens;
mod verification;

use serde_json::{Value, json};
use tests::{Answer, Client, Firm, PASSWORD, TestApp};

/// Somebody's address with the password that all have in tests.
fn credentials(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

/// The text at a place of an answer.
fn text(answer: &Value, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {answer:#}")).to_owned()
}

/// Uses a refresh token.
async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.visitor().post("/v1/auth/refresh", json!({ "refresh_token": token })).send().await
}

/// The membership of an address, as the owner sees it.
async fn member(firm: &Firm, email: &str) -> Value {
    let members = firm.owner.get("/v1/members?limit=100").ok().await;
    let found = members["data"].as_array().unwrap().iter().find(|member| member["email"] == email);
    found.unwrap_or_else(|| panic!("no {email} in {members:#}")).clone()
}

/// Whether a token still opens anything.
async fn is_signed_in(client: &Client) -> bool {
    client.get("/v1/me").send().await.status == 200
}
