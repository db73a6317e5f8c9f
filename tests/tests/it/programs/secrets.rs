//! What is known of a secret: its holder has it, the database has its digest, a guesser has nothing.

use db::tables;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{Answer, TestApp};

/// Everything in an answer but what differs in any two.
fn told(answer: &Answer) -> (u16, BTreeSet<String>, Value) {
    let mut body = answer.value();
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status, answer.headers.keys().map(ToString::to_string).collect(), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guess_learns_nothing_however_much_of_it_is_right() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let (key, theirs) = (firm.program(&["catalogue:read"]).await, other.program(&["catalogue:read"]).await);
    let (ids, secret) = key.secret.split_at("sk_live_".len() + 52);
    let tenant = &ids[ids.len() - 26..];
    let (their_ids, their_secret) = theirs.secret.split_at(ids.len());
    let nobody = "0".repeat(26);
    let wrong = format!("{}A", &secret[..42]);
    assert_ne!(wrong, secret);
    let revoked = firm.program(&["catalogue:read"]).await;
    firm.owner.delete(revoked.path()).send().await;
    let guesses = [
        format!("{ids}{wrong}"),
        format!("{ids}{their_secret}"),
        format!("{their_ids}{secret}"),
        // The right secret of the right key, looked for in another firm.
        format!("{}{}{secret}", &ids[..ids.len() - 26], &their_ids[their_ids.len() - 26..]),
        format!("sk_live_{nobody}{tenant}{secret}"),
        format!("{}{nobody}{secret}", &ids[..ids.len() - 26]),
        format!("sk_live_{nobody}{nobody}{secret}"),
        format!("{ids}{}", secret.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "x")),
        key.secret[..key.secret.len() - 1].to_owned(),
        format!("{}A", key.secret),
        key.secret.replace("sk_live_", "sk_test_"),
        revoked.secret.clone(),
        "sk_live_".to_owned(),
    ];
    let ask = |token: &str| app.visitor().with_token(token).get("/v1/products").send();
    let garbage = told(&ask("garbage").await);
    assert_eq!((garbage.0, &garbage.2["code"]), (401, &json!("unauthenticated")));
    for guess in guesses {
        assert_eq!(told(&ask(&guess).await), garbage, "{guess}");
    }
    assert!(super::opens(&key.client).await);
    app.run_jobs().await;
}

/// A75: no column of any table holds a secret, not even the answer that is kept under an idempotency key.
#[tokio::test(flavor = "multi_thread")]
async fn a75_the_database_holds_digests_only_and_a_repeated_request_gets_the_secret_again() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let body = json!({ "name": "x", "scopes": ["catalogue:read"] });
    let create = || firm.owner.post("/v1/api-keys", body.clone()).key("once").send();
    let (first, second) = (create().await, create().await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!((second.header("idempotent-replayed"), &second.body), ("true", &first.body));
    assert_eq!(app.count("SELECT count(*) FROM api_keys"), 1);
    let value = first.value();
    let rotated =
        firm.owner.post(format!("/v1/api-keys/{}/rotate", value["id"].as_str().unwrap()), json!({})).ok().await;
    for shown in [&value, &rotated] {
        let secret = shown["secret"].as_str().unwrap();
        let digest = hex::encode(kernel::secrets::digest(secret));
        let stored = format!("SELECT count(*) FROM api_key_secrets WHERE encode(digest, 'hex') = '{digest}'");
        assert_eq!(app.count(&stored), 1);
        // Bytes show as hexadecimal digits in a row's text.
        let random = &secret[secret.len() - 43..];
        let bytes = hex::encode(random);
        for table in tables::all().unwrap().keys() {
            let found = format!(
                "SELECT count(*) FROM {table} t WHERE strpos(t::text, '{random}') + strpos(t::text, '{bytes}') > 0"
            );
            assert_eq!(app.count(&found), 0, "{table} holds a secret");
        }
    }
    // The search finds what is there: the digest's row by its bytes.
    let digest = hex::encode(kernel::secrets::digest(value["secret"].as_str().unwrap()));
    let found = format!("SELECT count(*) FROM api_key_secrets t WHERE strpos(t::text, '{digest}') > 0");
    assert_eq!(app.count(&found), 1);
    // A refusal is kept and given again as it was.
    let path = format!("/v1/api-keys/{}", value["id"].as_str().unwrap());
    firm.owner.delete(&path).send().await;
    let rotate = || firm.owner.post(format!("{path}/rotate"), json!({})).key("refused").send();
    let (one, two) = (rotate().await, rotate().await);
    one.problem(409, "api_key_revoked");
    assert_eq!((two.header("idempotent-replayed"), &two.body), ("true", &one.body));
    app.run_jobs().await;
}
