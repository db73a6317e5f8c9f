//! Tokens where they do not belong, changed, or made by others.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use tests::TestApp;

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read(token: &str, part: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(part).unwrap()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a66_a67_every_token_opens_its_own_door_only() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let admin = app.administrator().await;
    app.run_jobs().await;
    let mailed = app.token_from_mail(&firm.email);
    let access = firm.owner.token().unwrap();
    let admins = admin.token().unwrap();
    for token in [admins, &firm.refresh_token, &mailed] {
        app.visitor().with_token(token).get("/v1/me").send().await.problem(401, "unauthenticated");
    }
    for token in [access, &firm.refresh_token, &mailed] {
        app.visitor().with_token(token).get("/admin/v1/tenants").send().await.problem(401, "unauthenticated");
    }
    for token in [access, admins, &mailed] {
        super::refresh(&app, token).await.problem(401, "refresh_token_invalid");
        let proof = json!({ "mfa_token": token, "code": "000000" });
        app.visitor().post("/admin/v1/mfa", proof).send().await.problem(401, "wrong_code");
    }
    for token in [access, admins, &firm.refresh_token] {
        let body = json!({ "token": token });
        assert_eq!(app.visitor().post("/v1/auth/verify-email", body).send().await.status, 400);
        let body = json!({ "token": token, "password": tests::PASSWORD });
        assert_eq!(app.visitor().post("/v1/invitations/accept", body).send().await.status, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a62_a63_a64_a69_changed_and_forged_tokens_open_nothing() {
    let app = TestApp::start().await;
    let (firm, other) = (app.unverified_firm("foshan").await, app.unverified_firm("shenzhen").await);
    let token = firm.owner.token().unwrap().to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims) = (read(&token, 0), read(&token, 1));
    let jwks = app.visitor().get("/.well-known/jwks.json").ok().await;
    let public = URL_SAFE_NO_PAD.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let hs256 = |key: &[u8], claims: &Value| {
        let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": header["kid"] })), part(claims));
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    };
    let mut elsewhere = claims.clone();
    elsewhere["tenant"] = read(other.owner.token().unwrap(), 1)["tenant"].clone();
    let mut forged = vec![
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], part(&elsewhere), parts[2]),
        format!("{token}="),
        format!("{}.{}.{}", parts[0], parts[1], other.owner.token().unwrap().rsplit('.').next().unwrap()),
        hs256(&public, &claims),
        hs256(b"secret", &elsewhere),
        "a".repeat(20_000),
    ];
    for alg in ["none", "None", "nONE"] {
        forged.push(format!("{}.{}.", part(&json!({ "alg": alg, "kid": header["kid"] })), parts[1]));
    }
    for kid in ["../../dev/null", "' or 1=1", ""] {
        forged.push(format!("{}.{}.{}", part(&json!({ "alg": "EdDSA", "kid": kid })), parts[1], parts[2]));
    }
    for place in (0..token.len()).step_by(7).filter(|place| token.as_bytes()[*place] != b'.') {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).unwrap());
    }
    for forged in forged {
        let answer = app.visitor().with_token(&forged).get("/v1/me").send().await;
        assert_eq!(answer.status, 401, "{forged}: {}", answer.text());
    }
    assert!(super::is_signed_in(&firm.owner).await);
    app.clock.advance(Duration::minutes(15));
    assert!(!super::is_signed_in(&firm.owner).await, "fifteen minutes are over by the platform's clock");
    app.run_jobs().await;
}
