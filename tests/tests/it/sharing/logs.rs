//! The log holds nothing that opens something: no token of a link, no pass, no signed address.

use super::{accesses, path, shares, shares_folder, stores, takes};
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{TestApp, logged_during};

/// What opens something, and must not be logged.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn of_share(&mut self, share: &Value) {
        self.0.push(share["token"].as_str().unwrap().to_owned());
    }

    /// The signature in an address.
    fn of_address(&mut self, told: &Value) {
        let url = told["url"].as_str().unwrap();
        self.0.push(url.split("X-Amz-Signature=").nth(1).unwrap()[..64].to_owned());
    }
}

async fn uses_everything(app: &TestApp) -> Secrets {
    let mut secrets = Secrets::default();
    let firm = app.firm("tea").await;
    let file = stores(&firm, "a.txt", "text/plain", "0123456789").await;
    let (open, locked) =
        (shares(&firm, &file, json!({})).await, shares(&firm, &file, json!({ "password": "green-lantern-7" })).await);
    let (box_, gone) =
        (shares_folder(&firm, "in/", json!({ "mode": "upload" })).await, shares(&firm, &file, json!({})).await);
    for share in [&open, &locked, &box_, &gone] {
        secrets.of_share(share);
    }
    assert_eq!(takes(app, &open).await.status, 200);
    takes(app, &locked).await.problem(401, "share_locked");
    app.visitor().post(path(&locked), json!({ "password": "wrong" })).send().await.problem(403, "share_password_wrong");
    let entered = app.visitor().post(path(&locked), json!({ "password": "green-lantern-7" })).ok().await;
    secrets.0.push(entered["pass"].as_str().unwrap().to_owned());
    app.visitor().request(Method::PUT, format!("{}/b.txt", path(&box_))).bytes("b").ok().await;
    firm.owner.delete(format!("/v1/shares/{}", gone["id"].as_str().unwrap())).send().await;
    takes(app, &gone).await.problem(404, "not_found");
    app.visitor().get(format!("{}/no/such/page", path(&open))).unchecked().send().await;
    let read = firm.owner.post(format!("/v1/files/{}/download-url", file["id"].as_str().unwrap()), json!({}));
    secrets.of_address(&read.ok().await);
    let declared = json!({ "path": "c.txt", "size_bytes": 4, "content_type": "text/plain" });
    let key = uuid::Uuid::new_v4().to_string();
    let upload = firm.owner.post("/v1/buckets/docs/uploads", declared).key(&key).ok().await;
    secrets.of_address(&upload);
    let id = upload["upload_id"].as_str().unwrap();
    let complete = firm.owner.request(Method::POST, format!("/v1/buckets/docs/uploads/{id}/complete"));
    complete.send().await.problem(409, "upload_not_whole");
    app.run_jobs().await;
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_of_a_link_and_no_signed_address_is_logged() {
    let app = TestApp::start().await;
    let (secrets, log) = logged_during(uses_everything(&app)).await;
    assert!(log.contains("/s/{token}/content") && log.contains("\"status\":401"), "the log was seen: {}", log.len());
    assert_eq!(secrets.0.len(), 7);
    for secret in secrets.0 {
        let found = log.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret}");
    }
    assert!(!log.contains("X-Amz-Signature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_is_logged_while_the_store_is_away() {
    let app = TestApp::start_with(&[("S3_ENDPOINT", "http://127.0.0.1:9")]).await;
    let firm = app.unverified_firm("tea").await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    let (status, log) = logged_during(async {
        let put = firm.owner.request(Method::PUT, "/v1/buckets/docs/files/a.txt");
        let status = put.bytes("a").send().await.status;
        app.run_jobs_that_may_fail().await;
        status
    })
    .await;
    assert_eq!(status, 503);
    assert!(log.contains("\"status\":503"), "{log}");
    assert!(!log.contains("X-Amz-Signature") && !log.contains("X-Amz-Credential"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_by_a_link_is_forgotten_after_half_a_year() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let file = stores(&firm, "a.txt", "text/plain", "0123456789").await;
    let share = shares(&firm, &file, json!({})).await;
    takes(&app, &share).await;
    app.pass(Duration::days(179)).await;
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(accesses(&firm, &share).await, ["downloaded"]);
    takes(&app, &share).await;
    app.pass(Duration::days(2)).await;
    let firm = app.signed_in_again(&firm).await;
    assert_eq!(accesses(&firm, &share).await, ["downloaded"], "the second, which is two days old");
    app.pass(Duration::days(179)).await;
    assert_eq!(app.count("SELECT count(*) FROM share_accesses"), 0);
}
