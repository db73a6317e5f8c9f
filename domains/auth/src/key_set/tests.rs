use super::*;
use crate::{AccessClaims, AdminClaims, MfaClaims};
use jsonwebtoken::EncodingKey;
use kernel::ids::{AdminId, Id, SessionId, TenantId, UserId};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn keyring(issuer: &str) -> KeySet {
    let master = MasterKey::from_hex(&"07".repeat(32)).unwrap();
    KeySet::of_rows(&[new_key(&master, at(0)).unwrap()], &master, issuer).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims { sub: UserId::new(at(0)), sid: SessionId::new(at(0)), tenant: TenantId::new(at(0)) }
}

fn refused(keys: &KeySet, token: &str) -> bool {
    keys.verify::<AccessClaims>(token, at(1)).is_err()
}

/// A token with this header and payload, signed by `key`.
fn forge(header: &Value, payload: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(payload));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn payload(keys: &KeySet) -> Value {
    let token = keys.sign(claims(), at(0)).unwrap();
    let part = token.expose().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The same payload signed by our own key, changed by `change`.
fn signed(keys: &KeySet, change: impl Fn(&mut Value)) -> String {
    let mut body = payload(keys);
    change(&mut body);
    let header = Header { kid: Some(keys.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, &body, &keys.signing).unwrap()
}

#[test]
fn reads_back_what_it_signed_until_the_time_is_over() {
    let keys = keyring("https://cloud.example");
    let said = claims();
    let token = keys.sign(said, at(0)).unwrap();
    assert_eq!(keys.verify(token.expose(), at(899)), Ok(said));
    assert_eq!(keys.verify::<AccessClaims>(token.expose(), at(900)), Err(InvalidToken));
    assert_eq!(keys.verify::<AccessClaims>(token.expose(), at(-61)), Err(InvalidToken));
}

#[test]
fn every_flipped_bit_is_found() {
    let keys = keyring("https://cloud.example");
    let token = keys.sign(claims(), at(0)).unwrap().expose().clone();
    for index in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.clone().into_bytes();
            changed[index] ^= 1 << bit;
            let accepted = String::from_utf8(changed).is_ok_and(|text| !refused(&keys, &text));
            assert!(!accepted, "byte {index}, bit {bit}");
        }
    }
    let (message, _) = token.rsplit_once('.').unwrap();
    for text in
        [message.to_owned(), format!("{message}."), format!("{token}="), format!(" {token}"), format!("{token}.")]
    {
        assert!(refused(&keys, &text), "{text}");
    }
}

#[test]
fn only_our_algorithm_and_our_keys_count() {
    let keys = keyring("https://cloud.example");
    let body = payload(&keys);
    let public = URL_SAFE_NO_PAD.decode(keys.public[0]["x"].as_str().unwrap()).unwrap();
    for alg in ["none", "None", "nONE", ""] {
        assert!(refused(&keys, &forge(&json!({ "alg": alg, "kid": keys.kid }), &body, |_| Vec::new())));
    }
    for algorithm in [Algorithm::HS256, Algorithm::HS384] {
        let header = Header { kid: Some(keys.kid.clone()), ..Header::new(algorithm) };
        let token = jsonwebtoken::encode(&header, &body, &EncodingKey::from_secret(&public)).unwrap();
        assert!(refused(&keys, &token));
    }
    assert!(refused(&keys, &forge(&json!({ "alg": "ES256", "kid": keys.kid }), &body, |_| vec![0; 64])));

    let stranger = keyring("https://cloud.example");
    assert!(refused(&keys, stranger.sign(claims(), at(0)).unwrap().expose()));
    for kid in ["../../dev/null", "' or 1=1", "", &keys.kid] {
        let header = Header { kid: Some(kid.into()), ..Header::new(Algorithm::EdDSA) };
        assert!(refused(&keys, &jsonwebtoken::encode(&header, &body, &stranger.signing).unwrap()), "{kid}");
    }
}

#[test]
fn claims_are_strict_even_when_we_signed_them() {
    let keys = keyring("https://cloud.example");
    assert!(!refused(&keys, &signed(&keys, |_| ())));
    let wrong: [(&str, Value); 8] = [
        ("exp", json!(at(-61).timestamp())),
        ("exp", json!("1900000000")),
        ("exp", json!(9_223_372_036_854_775_808_u64)),
        ("exp", json!(at(100_000).timestamp())),
        ("iat", json!(at(100).timestamp())),
        ("iss", json!("https://staging.example")),
        ("aud", json!("admin")),
        ("sub", json!("adm_00000000000000000000000000")),
    ];
    for (claim, value) in wrong {
        assert!(refused(&keys, &signed(&keys, |body| body[claim] = value.clone())), "{claim} = {value}");
        assert!(refused(&keys, &signed(&keys, |body| _ = body.as_object_mut().unwrap().remove(claim))), "no {claim}");
    }
}

#[test]
fn a_token_serves_its_own_purpose_only() {
    let keys = keyring("https://cloud.example");
    let admin = AdminId::new(at(0));
    let access = keys.sign(claims(), at(0)).unwrap();
    let full = keys.sign(AdminClaims { sub: admin }, at(0)).unwrap();
    let half = keys.sign(MfaClaims { sub: admin }, at(0)).unwrap();
    let table = |token: &Secret| {
        let token = token.expose();
        (
            keys.verify::<AccessClaims>(token, at(1)).is_ok(),
            keys.verify::<AdminClaims>(token, at(1)).is_ok(),
            keys.verify::<MfaClaims>(token, at(1)).is_ok(),
        )
    };
    assert_eq!(table(&access), (true, false, false));
    assert_eq!(table(&full), (false, true, false));
    assert_eq!(table(&half), (false, false, true));
}
