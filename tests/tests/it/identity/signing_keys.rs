//! J14: keys that sign tokens are replaced without anybody noticing, or with everybody noticing.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{Client, TestApp};

async fn rotate(app: &TestApp, administrator: &Client, at_once: bool) -> String {
    let answer = administrator.post("/admin/v1/signing-keys/rotate", json!({ "at_once": at_once })).ok().await;
    app.run_jobs().await;
    answer["kid"].as_str().unwrap().to_owned()
}

async fn published(app: &TestApp) -> BTreeSet<String> {
    let set = app.visitor().get("/.well-known/jwks.json").ok().await;
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn signer(client: &Client) -> String {
    let header = client.token().unwrap().split('.').next().unwrap();
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_the_old_key_count_until_they_end_and_new_ones_are_of_the_new_key() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let administrator = app.administrator().await;
    let old = signer(&firm.owner);

    let new = rotate(&app, &administrator, false).await;

    assert_ne!(old, new);
    assert_eq!(published(&app).await, BTreeSet::from([old.clone(), new.clone()]));
    assert_eq!(firm.owner.get("/v1/me").send().await.status, 200);
    let again = app.signed_in_again(&firm).await;
    assert_eq!(signer(&again.owner), new);
    assert_eq!(again.owner.get("/v1/me").send().await.status, 200);
    let sealed = format!("SELECT length(sealed_private) FROM signing_keys WHERE kid = '{old}'");
    assert_eq!(app.database.ask(&sealed), "0", "what is retired can never sign again");

    app.pass(chrono::Duration::hours(3)).await;
    app.state.authority.keyring.reload(&app.state.db).await.unwrap();
    assert_eq!(published(&app).await, BTreeSet::from([new]));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_theft_tokens_of_the_old_key_end_at_once_and_sessions_go_on() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let administrator = app.administrator().await;

    let new = rotate(&app, &administrator, true).await;

    assert_eq!(published(&app).await, BTreeSet::from([new]));
    assert_eq!(firm.owner.get("/v1/me").send().await.status, 401);
    let continued = app.visitor().post("/v1/auth/refresh", json!({ "refresh_token": firm.refresh_token })).ok().await;
    let owner = app.visitor().with_token(continued["access_token"].as_str().unwrap());
    assert_eq!(owner.get("/v1/me").send().await.status, 200);
}

/// Another process has rotated the keys: this one has not heard of it and meets a token of the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_meets_a_token_of_a_new_key_looks_for_it() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let url = app.state.public_url.as_str().trim_end_matches('/').to_owned();
    let elsewhere = auth::Keyring::load_or_create(&app.state.db, &app.state.master_key, &url).await.unwrap();
    let elsewhere = auth::Authority::new(elsewhere, app.state.master_key.clone(), &url).unwrap();
    let actor = kernel::Actor::system("test");
    let new = platform::rotate_signing_key(&app.state.db, &elsewhere, actor, false).await.unwrap();
    let meta = auth::RequestMeta::default();
    let tokens = auth::refresh(&app.state.db, &elsewhere, &firm.refresh_token, meta).await.unwrap();
    let owner = app.visitor().with_token(tokens.access_token.expose());
    assert_eq!(signer(&owner), new);

    assert_eq!(owner.get("/v1/me").send().await.status, 200);
}
