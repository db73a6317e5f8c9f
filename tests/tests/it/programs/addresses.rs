//! Where a key may be used from, seen through trusted proxies.

use serde_json::json;
use tests::{Answer, Program, TestApp};

async fn from(program: &Program, address: &str) -> Answer {
    program.client.get("/v1/products").header("x-forwarded-for", address).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_from_its_networks_only() {
    let app = TestApp::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let firm = app.firm("foshan").await;
    let networks = ["203.0.113.0/24", "2001:db8:5::/48", "::ffff:198.51.100.7"];
    let body = json!({ "name": "x", "scopes": ["catalogue:read"], "ip_allow_list": networks });
    let key = firm.program_with(body).await;
    for (address, allowed) in [
        ("203.0.113.9", true),
        ("203.0.114.9", false),
        ("::ffff:203.0.113.9", true),
        ("::ffff:203.0.114.9", false),
        ("198.51.100.7", true),
        ("::ffff:198.51.100.7", true),
        ("198.51.100.8", false),
        ("2001:db8:5:1::7", true),
        ("2001:db8:6::7", false),
        // What somebody in front of the proxy claims does not count.
        ("203.0.113.9, 198.51.100.8", false),
        ("198.51.100.8, 203.0.113.9", true),
    ] {
        let answer = from(&key, address).await;
        if allowed {
            assert_eq!(answer.status, 200, "{address}: {}", answer.text());
        } else {
            answer.problem(403, "ip_not_allowed");
        }
    }
    key.client.get("/v1/products").send().await.problem(403, "ip_not_allowed");

    firm.owner.patch(key.path(), json!({ "ip_allow_list": ["203.0.113.8/29"] })).ok().await;
    assert_eq!(from(&key, "203.0.113.9").await.status, 200);
    from(&key, "203.0.113.1").await.problem(403, "ip_not_allowed");
    firm.owner.patch(key.path(), json!({ "ip_allow_list": [] })).ok().await;
    assert_eq!(from(&key, "203.0.114.9").await.status, 200);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_believed_who_is_no_trusted_proxy_and_a_wrong_secret_learns_nothing() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let body = json!({ "name": "x", "scopes": ["catalogue:read"], "ip_allow_list": ["203.0.113.0/24"] });
    let key = firm.program_with(body).await;
    from(&key, "203.0.113.9").await.problem(403, "ip_not_allowed");
    let mut wrong = key.clone();
    wrong.secret.replace_range(key.secret.len() - 4.., "AAAA");
    wrong.client = app.visitor().with_token(&wrong.secret);
    from(&wrong, "203.0.113.9").await.problem(401, "unauthenticated");
    app.run_jobs().await;
}
