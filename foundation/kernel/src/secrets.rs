//! Secrets: made from the system's randomness, compared in constant time, stored as digests, never printed.

use crate::{
    base32,
    ids::{Id, TenantId},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// A value that must not appear in logs: its `Debug` is a fixed word.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Wraps a secret value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, where it is really needed.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// Something about a secret went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The system gave no randomness.
    #[error("no randomness from the system")]
    NoRandomness,
    /// The master key is not 32 bytes in hexadecimal.
    #[error("must be 64 hexadecimal digits")]
    BadKey,
    /// Sealed bytes were cut, changed, or sealed with another key or purpose.
    #[error("sealed value does not open")]
    DoesNotOpen,
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SecretError::NoRandomness)?;
    Ok(bytes)
}

/// A token of 256 random bits in 43 URL-safe characters.
pub fn random_token() -> Result<Secret, SecretError> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?)))
}

/// What is stored of a token.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A token that carries its tenant beside the secret, for what must be found before a tenant is known.
#[derive(Debug, Clone)]
pub struct TenantToken {
    /// The tenant in which the token's digest is to be looked up. Not trusted beyond that.
    pub tenant: TenantId,
    /// The whole text, as the holder has it.
    pub text: Secret,
}

impl TenantToken {
    /// A new token of a tenant: 26 characters of the tenant's id, then 43 of secret.
    pub fn generate(tenant: TenantId) -> Result<Self, SecretError> {
        let secret = random_token()?;
        let text = format!("{}{}", base32::encode(tenant.uuid().as_u128()), secret.expose());
        Ok(Self { tenant, text: Secret::new(text) })
    }

    /// Reads a token's tenant; whether the secret is right, only the stored digest can tell.
    pub fn parse(text: &str) -> Option<Self> {
        let tenant = base32::decode(text.get(..base32::LENGTH)?)?;
        (text.len() == base32::LENGTH + 43).then(|| Self {
            tenant: TenantId::from_uuid(uuid::Uuid::from_u128(tenant)),
            text: Secret::new(text.to_owned()),
        })
    }

    /// What is stored.
    pub fn digest(&self) -> [u8; 32] {
        digest(self.text.expose())
    }
}

/// The platform's master key (`SECRETS_KEY`): a key for every purpose is derived from it, none is used as it is.
#[derive(Clone)]
pub struct MasterKey(Secret<[u8; 32]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[master key]")
    }
}

impl MasterKey {
    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, SecretError> {
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key).map_err(|_| SecretError::BadKey)?;
        Ok(Self(Secret::new(key)))
    }

    /// HMAC-SHA256 over `parts` under the key derived for `purpose`. Each part is preceded by its length.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let key = hmac(self.0.expose(), &[purpose.as_bytes()]);
        hmac(&key, parts)
    }

    /// Encrypts and authenticates (ChaCha20-Poly1305, random nonce in front) for one purpose.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SecretError> {
        let nonce = random_bytes::<12>()?;
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed = self.cipher(purpose).encrypt(&nonce.into(), payload).map_err(|_| SecretError::DoesNotOpen)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`MasterKey::seal`] made for the same purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, SecretError> {
        let (nonce, body) = sealed.split_first_chunk::<12>().ok_or(SecretError::DoesNotOpen)?;
        let payload = Payload { msg: body, aad: purpose.as_bytes() };
        let plain = self.cipher(purpose).decrypt(&(*nonce).into(), payload).map_err(|_| SecretError::DoesNotOpen)?;
        Ok(Secret::new(plain))
    }

    fn cipher(&self, purpose: &str) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.mac(purpose, &[b"seal"]).into())
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail; a zero tag would match nothing that is stored.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> MasterKey {
        MasterKey::from_hex(&"5a".repeat(32)).unwrap()
    }

    #[test]
    fn sealed_values_open_only_for_their_purpose_and_unchanged() {
        let sealed = key().seal("totp", b"JBSWY3DP").unwrap();
        assert_eq!(key().open("totp", &sealed).unwrap().expose(), b"JBSWY3DP");
        assert_eq!(key().open("webhook", &sealed), Err(SecretError::DoesNotOpen));
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(key().open("totp", &changed), Err(SecretError::DoesNotOpen));
        }
    }

    #[test]
    fn a_tenant_token_names_its_tenant() {
        let tenant = TenantId::new(chrono::Utc::now());
        let token = TenantToken::generate(tenant).unwrap();
        let read = TenantToken::parse(token.text.expose()).unwrap();
        assert_eq!((read.tenant, read.digest()), (tenant, token.digest()));
        assert!(TenantToken::parse("short").is_none());
    }

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?} {:?}", Secret::new("hunter2"), key()), "[secret] [master key]");
    }
}
