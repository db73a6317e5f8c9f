//! Tokens where they do not belong, changed, or made by others.

use auth::{AccessClaims, totp::TotpSecret};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Clock, secrets::Secret};
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tests::TestApp;

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read(token: &str, part: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(part).unwrap()).unwrap()).unwrap()
}

/// One token of every kind that exists, fresh, with what its door needs beside it.
struct Tokens {
    of_kind: Vec<(&'static str, String)>,
    /// A right code of the person in the middle of a log-in.
    code: String,
    /// The same of the administrator.
    admin_code: String,
}

async fn one_of_each(app: &TestApp) -> Tokens {
    let firm = app.firm("foshan").await;
    let mails = |to: &str| app.token_from_mail(to);
    let half = app.firm("half").await;
    let begun = half.owner.post("/v1/me/totp", json!({})).ok().await;
    let secret = TotpSecret::from_base32(&super::text(&begun, "/secret")).unwrap();
    let enrolling = json!({ "code": secret.code(app.clock.now()).unwrap() });
    half.owner.post("/v1/me/totp/confirm", enrolling).ok().await;
    let halfway = app.visitor().post("/v1/auth/log-in", super::credentials(&half.email)).ok().await;

    let (admin_secret, admin) = (TotpSecret::generate().unwrap(), app.administrator().await);
    let new = platform::NewAdministrator {
        email: "second@cloud.example".parse().unwrap(),
        password: Secret::new("granite lantern 41 orchard".into()),
        totp: Some(admin_secret.clone()),
    };
    platform::ensure_administrator(&app.state.db, &app.state.authority, &new).await.unwrap();
    let body = json!({ "email": "second@cloud.example", "password": "granite lantern 41 orchard" });
    let admin_halfway = app.visitor().post("/admin/v1/log-in", body).ok().await;

    let unverified = app.unverified_firm("unverified").await;
    firm.owner.post("/v1/invitations", json!({ "email": "guest@example.cn", "role": "viewer" })).ok().await;
    let change = json!({ "email": "moved@example.cn", "password": tests::PASSWORD });
    firm.owner.post("/v1/me/email", change).ok().await;
    app.run_jobs().await;
    let verify = mails(&unverified.email);
    app.visitor().post("/v1/auth/forgot-password", json!({ "email": half.email })).ok().await;
    app.run_jobs().await;
    app.clock.advance(Duration::seconds(60));
    Tokens {
        of_kind: vec![
            ("access", firm.owner.token().unwrap().to_owned()),
            ("admin", admin.token().unwrap().to_owned()),
            ("refresh", firm.refresh_token.clone()),
            ("mfa", super::text(&halfway, "/mfa_token")),
            ("admin_mfa", super::text(&admin_halfway, "/mfa_token")),
            ("verify", verify),
            ("change", mails("moved@example.cn")),
            ("invitation", mails("guest@example.cn")),
            ("reset", mails(&half.email)),
        ],
        code: secret.code(app.clock.now()).unwrap(),
        admin_code: admin_secret.code(app.clock.now()).unwrap(),
    }
}

/// Shows a token at the door of a kind.
async fn knock(app: &TestApp, all: &Tokens, door: &str, token: &str) -> u16 {
    let post = |path: &'static str, body: Value| app.visitor().post(path, body);
    let request = match door {
        "access" => app.visitor().with_token(token).get("/v1/me"),
        "admin" => app.visitor().with_token(token).get("/admin/v1/me"),
        "refresh" => post("/v1/auth/refresh", json!({ "refresh_token": token })),
        "mfa" => post("/v1/auth/mfa", json!({ "mfa_token": token, "code": all.code })),
        "admin_mfa" => post("/admin/v1/mfa", json!({ "mfa_token": token, "code": all.admin_code })),
        "verify" | "change" => post("/v1/auth/verify-email", json!({ "token": token })),
        "invitation" => post("/v1/invitations/accept", json!({ "token": token, "password": tests::PASSWORD })),
        "reset" => post("/v1/auth/reset-password", json!({ "token": token, "password": "quiet granite lantern 41" })),
        door => panic!("{door}"),
    };
    request.send().await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a66_a67_every_token_opens_its_own_door_only() {
    let app = TestApp::start().await;
    let all = one_of_each(&app).await;
    let mut refused = 0;
    for (door, _) in &all.of_kind {
        for (kind, token) in &all.of_kind {
            // These two mails lead to one page.
            if kind == door || (["verify", "change"].contains(kind) && ["verify", "change"].contains(door)) {
                continue;
            }
            let status = knock(&app, &all, door, token).await;
            assert!(matches!(status, 400 | 401), "{kind} at the door of {door}: {status}");
            refused += 1;
        }
    }
    assert_eq!(refused, 9 * 9 - 9 - 2);
    for (kind, token) in &all.of_kind {
        let status = knock(&app, &all, kind, token).await;
        assert!((200..300).contains(&status), "{kind} at its own door: {status}");
    }
    app.run_jobs().await;
}

/// Signs what it is given with the platform's own key, as nobody outside can.
fn signed_by_us(app: &TestApp, header: &Value, claims: &Value) -> String {
    let sealed = hex::decode(app.database.ask("SELECT encode(sealed_private, 'hex') FROM signing_keys")).unwrap();
    let seed = app.state.master_key.open("signing_key", &sealed).unwrap();
    signed(&SigningKey::from_bytes(seed.expose().as_slice().try_into().unwrap()), header, claims)
}

fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn assert_refused(app: &TestApp, what: &str, token: &str) {
    let answer = app.visitor().with_token(token).get("/v1/me").send().await;
    assert_eq!(answer.status, 401, "{what}: {}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a65_a67_even_our_own_signature_does_not_help_wrong_times_and_places() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let token = firm.owner.token().unwrap();
    let (header, claims) = (read(token, 0), read(token, 1));
    let now = claims["iat"].as_i64().unwrap();
    assert!(super::is_signed_in(&app.visitor().with_token(signed_by_us(&app, &header, &claims))).await);
    for (field, value) in [
        ("exp", json!(now - 61)),
        ("exp", json!(now)),
        ("exp", Value::Null),
        ("exp", json!((now + 900).to_string())),
        ("exp", json!(9_223_372_036_854_775_808_u64)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(now + 901)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("iat", json!(now + 61)),
        ("iat", json!(i64::MIN)),
        ("iat", Value::Null),
        ("nbf", json!(now + 61)),
        ("nbf", json!("soon")),
        ("iss", json!("https://staging.example")),
        ("iss", Value::Null),
        ("iss", json!("")),
        ("aud", json!("admin")),
        ("aud", json!("mfa")),
        ("aud", json!("another")),
        ("aud", json!(["smecloud", "another"])),
        ("aud", Value::Null),
        ("sub", json!("usr_00000000000000000000000000")),
        ("sid", json!("ses_00000000000000000000000000")),
        ("tenant", json!("tnt_00000000000000000000000000")),
        ("sub", Value::Null),
    ] {
        let mut changed = claims.clone();
        changed[field] = value.clone();
        if value.is_null() {
            changed.as_object_mut().unwrap().remove(field);
        }
        assert_refused(&app, &format!("{field} {value}"), &signed_by_us(&app, &header, &changed)).await;
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a63_a64_headers_choose_neither_algorithm_nor_key() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let token = firm.owner.token().unwrap();
    let (header, claims) = (read(token, 0), read(token, 1));
    let jwks = app.visitor().get("/.well-known/jwks.json").ok().await;
    let public = jwks["keys"][0]["x"].as_str().unwrap().to_owned();
    let thief = SigningKey::from_bytes(&[7; 32]);
    let x = URL_SAFE_NO_PAD.encode(thief.verifying_key().as_bytes());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": header["kid"] });
    for (name, value) in [
        ("jwk", jwk.clone()),
        ("jku", json!("http://127.0.0.1:9/jwks.json")),
        ("x5u", json!("http://127.0.0.1:9/cert.pem")),
        ("x5c", json!([x])),
        ("kid", json!("../../dev/null")),
        ("kid", json!("' or 1=1")),
        ("kid", json!(x)),
        ("kid", Value::Null),
        ("crit", json!(["exp"])),
    ] {
        let mut changed = header.clone();
        changed[name] = value;
        assert_refused(&app, name, &signed(&thief, &changed, &claims)).await;
    }
    assert_refused(&app, "another's key", &signed(&thief, &header, &claims)).await;
    let zeros = URL_SAFE_NO_PAD.encode([0_u8; 64]);
    for alg in ["ES256", "EdDSA", "RS256", "PS256", "Ed25519", "none", "HS384"] {
        let changed = json!({ "typ": "JWT", "alg": alg, "kid": header["kid"] });
        assert_refused(&app, alg, &format!("{}.{}.{zeros}", part(&changed), part(&claims))).await;
    }
    let raw = URL_SAFE_NO_PAD.decode(&public).unwrap();
    let keys: [&[u8]; 4] = [public.as_bytes(), &raw, b"", b"secret"];
    for key in keys {
        let text = format!("{}.{}", part(&json!({ "alg": "HS384", "kid": header["kid"] })), part(&claims));
        let mut mac = Hmac::<sha2::Sha384>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        let forged = format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        assert_refused(&app, "HS384", &forged).await;
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a62_ten_thousand_mutations_of_a_token_are_refused() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let token = firm.owner.token().unwrap();
    let (keyring, db) = (&app.state.authority.keyring, &app.state.db);
    keyring.verify::<AccessClaims>(db, token).await.unwrap();
    let flips = (0..token.len() * 7).map(|bit| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[bit / 7] ^= 1 << (bit % 7);
        String::from_utf8(bytes).unwrap()
    });
    let mut random = rand::rngs::StdRng::seed_from_u64(62);
    let others = std::iter::repeat_with(|| mutated(token, &mut random));
    let mut tried = 0;
    for changed in flips.chain(others.take(12_000)).filter(|changed| changed != token) {
        assert!(keyring.verify::<AccessClaims>(db, &changed).await.is_err(), "{changed}");
        tried += 1;
    }
    assert!(tried >= 10_000, "{tried}");
    app.run_jobs().await;
}

/// A token with a character changed, added, removed, doubled or moved, or cut short.
fn mutated(token: &str, random: &mut rand::rngs::StdRng) -> String {
    const LETTERS: &[u8] = b"ABCxyz019-_.=+/ \n";
    let mut bytes = token.as_bytes().to_vec();
    let (at, to) = (random.random_range(0..bytes.len()), random.random_range(0..bytes.len()));
    let letter = LETTERS[random.random_range(0..LETTERS.len())];
    match random.random_range(0..6) {
        0 => bytes[at] = letter,
        1 => bytes.insert(at, letter),
        2 => {
            bytes.remove(at);
        }
        3 => bytes.insert(at, bytes[at]),
        4 => bytes.swap(at, to),
        _ => bytes.truncate(at),
    }
    String::from_utf8(bytes).unwrap()
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
