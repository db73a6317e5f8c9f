//! The keys that sign and check tokens, as they stood when they were loaded.

use crate::{
    KeyringError,
    access_token::{Claims, Envelope, InvalidToken},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use db::schema::signing_keys;
use diesel::prelude::*;
use ed25519_dalek::{Signer, SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::secrets::{MasterKey, Secret, SecretError, random_bytes};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// What private keys are sealed for.
const SEALED_FOR: &str = "signing_key";
/// Seconds that the clocks of two instances may differ.
const CLOCK_SKEW: i64 = 60;
/// No token of ours comes near this length.
const MAX_LENGTH: usize = 4096;

/// Signs with the active key and checks with all that have not been retired too long ago.
pub(crate) struct KeySet {
    issuer: String,
    kid: String,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    public: Vec<Value>,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySet").field("issuer", &self.issuer).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A stored key. Of a retired one, only the public part is left.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub(crate) struct Row {
    pub(crate) kid: String,
    sealed_private: Vec<u8>,
    public_jwk: Value,
    created_at: DateTime<Utc>,
    retired_at: Option<DateTime<Utc>>,
}

impl Row {
    /// Opens the private part, which keys have until they are retired.
    fn private(&self, master: &MasterKey) -> Result<SigningKey, KeyringError> {
        let seed = master.open(SEALED_FOR, &self.sealed_private)?;
        let seed = <[u8; 32]>::try_from(seed.expose().as_slice());
        Ok(SigningKey::from_bytes(&seed.map_err(|_| KeyringError::Malformed(self.kid.clone()))?))
    }

    /// Signs what is no token.
    pub(crate) fn sign_statement(&self, master: &MasterKey, text: &str) -> Result<SignedStatement, KeyringError> {
        let signature = self.private(master)?.sign(text.as_bytes()).to_bytes();
        Ok(SignedStatement { public_jwk: self.public_jwk.clone(), signature })
    }
}

/// A signature of something that is no token.
#[derive(Debug, Clone)]
pub struct SignedStatement {
    /// The public key, as a JSON Web Key.
    pub public_jwk: Value,
    /// The Ed25519 signature.
    pub signature: [u8; 64],
}

impl KeySet {
    /// Of stored keys, one of which is not retired.
    pub(crate) fn of_rows(rows: &[Row], master: &MasterKey, issuer: &str) -> Result<Self, KeyringError> {
        let active = rows.iter().find(|row| row.retired_at.is_none()).ok_or(KeyringError::NoneActive)?;
        let verifying = rows.iter().map(|row| Ok((row.kid.clone(), decoding_key(row)?)));
        Ok(Self {
            issuer: issuer.to_owned(),
            kid: active.kid.clone(),
            signing: encoding_key(&active.private(master)?)?,
            verifying: verifying.collect::<Result<_, KeyringError>>()?,
            public: rows.iter().map(|row| row.public_jwk.clone()).collect(),
        })
    }

    /// Whether there is nothing to be learnt of the key that a token names: it is known, or the token names none.
    pub(crate) fn knows(&self, token: &str) -> bool {
        if token.len() > MAX_LENGTH {
            return true;
        }
        let named = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        named.is_none_or(|kid| self.verifying.contains_key(&kid))
    }

    /// The public keys, as the `keys` of a JSON Web Key Set.
    pub(crate) fn public_keys(&self) -> Value {
        Value::Array(self.public.clone())
    }

    /// Signs a token that lives from `now` for as long as its purpose allows.
    pub(crate) fn sign<C: Claims>(&self, claims: C, now: DateTime<Utc>) -> Result<Secret, InvalidToken> {
        let iat = now.timestamp();
        let envelope = Envelope {
            iss: self.issuer.clone(),
            aud: C::PURPOSE,
            iat,
            exp: iat + C::PURPOSE.lifetime(),
            nbf: None,
            claims,
        };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &envelope, &self.signing).map(Secret::new).map_err(|_| InvalidToken)
    }

    /// What a token says, if one of our keys signed it for this purpose and its time is not over. The algorithm is fixed and
    /// the key comes from our set alone; nothing else in the header is looked at. Time is the platform's, not the machine's.
    pub(crate) fn verify<C: Claims>(&self, token: &str, now: DateTime<Utc>) -> Result<C, InvalidToken> {
        if token.len() > MAX_LENGTH {
            return Err(InvalidToken);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidToken)?;
        let key = header.kid.and_then(|kid| self.verifying.get(&kid)).ok_or(InvalidToken)?;
        let envelope =
            jsonwebtoken::decode::<Envelope<C>>(token, key, &self.rules::<C>()).map_err(|_| InvalidToken)?.claims;
        let now = now.timestamp();
        let lifetime = envelope.exp.checked_sub(envelope.iat).ok_or(InvalidToken)?;
        let begun = envelope.iat.max(envelope.nbf.unwrap_or(envelope.iat)) <= now + CLOCK_SKEW;
        let in_time = envelope.exp > now && begun && lifetime <= C::PURPOSE.lifetime();
        if in_time && envelope.aud == C::PURPOSE { Ok(envelope.claims) } else { Err(InvalidToken) }
    }

    fn rules<C: Claims>(&self) -> Validation {
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[C::PURPOSE]);
        rules.set_issuer(&[&self.issuer]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules
    }
}

/// A new key, to be stored.
pub(crate) fn new_key(master: &MasterKey, now: DateTime<Utc>) -> Result<Row, SecretError> {
    let seed = random_bytes::<32>()?;
    let x = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
    // RFC 7638: the digest of the required members in this order.
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    let kid = URL_SAFE_NO_PAD.encode(thumbprint);
    Ok(Row {
        public_jwk: json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig" }),
        kid,
        sealed_private: master.seal(SEALED_FOR, &seed)?,
        created_at: now,
        retired_at: None,
    })
}

fn encoding_key(key: &SigningKey) -> Result<EncodingKey, KeyringError> {
    let der = key.to_pkcs8_der().map_err(|e| KeyringError::Malformed(e.to_string()))?;
    Ok(EncodingKey::from_ed_der(der.as_bytes()))
}

fn decoding_key(row: &Row) -> Result<DecodingKey, KeyringError> {
    let x = row.public_jwk.get("x").and_then(Value::as_str).unwrap_or_default();
    DecodingKey::from_ed_components(x).map_err(|e| KeyringError::Malformed(e.to_string()))
}

#[cfg(test)]
mod tests;
