use kernel::{
    base32,
    ids::{ApiKeyId, Id, TenantId},
    secrets::{Secret, SecretError, digest, random_token},
};
use uuid::Uuid;

/// How the text of every key begins.
pub const PREFIX: &str = "sk_live_";
/// Characters of 256 random bits.
const SECRET_LENGTH: usize = 43;

/// The text of a key: the prefix, the key's id and the tenant's (26 characters each), and 256 random bits.
#[derive(Debug, Clone)]
pub(crate) struct ApiKeyToken {
    /// The tenant in which the key is to be looked up. Not trusted beyond that.
    pub(crate) tenant: TenantId,
    /// The key whose digests are to be compared.
    pub(crate) key: ApiKeyId,
    /// The whole text, as the program has it.
    pub(crate) text: Secret,
}

impl ApiKeyToken {
    /// A new token of a key.
    pub(crate) fn generate(tenant: TenantId, key: ApiKeyId) -> Result<Self, SecretError> {
        let secret = random_token()?;
        let text = format!("{}{}{}", public_part(key), base32::encode(tenant.uuid().as_u128()), secret.expose());
        Ok(Self { tenant, key, text: Secret::new(text) })
    }

    /// Reads whose token it is; whether the secret is right, only the stored digests can tell.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        if rest.len() != 2 * base32::LENGTH + SECRET_LENGTH {
            return None;
        }
        let key = base32::decode(rest.get(..base32::LENGTH)?)?;
        let tenant = base32::decode(rest.get(base32::LENGTH..2 * base32::LENGTH)?)?;
        Some(Self {
            tenant: TenantId::from_uuid(Uuid::from_u128(tenant)),
            key: ApiKeyId::from_uuid(Uuid::from_u128(key)),
            text: Secret::new(text.to_owned()),
        })
    }

    /// What is stored.
    pub(crate) fn digest(&self) -> [u8; 32] {
        digest(self.text.expose())
    }

    /// The last characters, by which people recognise it.
    pub(crate) fn last4(&self) -> &str {
        let text = self.text.expose();
        text.get(text.len() - 4..).unwrap_or_default()
    }
}

/// How a key's tokens begin: enough to tell from a token which key it is, and nothing of the secret.
pub(crate) fn public_part(key: ApiKeyId) -> String {
    format!("{PREFIX}{}", base32::encode(key.uuid().as_u128()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn token() -> ApiKeyToken {
        let now = chrono::Utc::now();
        ApiKeyToken::generate(TenantId::new(now), ApiKeyId::new(now)).unwrap()
    }

    #[test]
    fn a_token_names_its_key_and_tenant() {
        let token = token();
        let read = ApiKeyToken::parse(token.text.expose()).unwrap();
        assert_eq!((read.tenant, read.key, read.digest()), (token.tenant, token.key, token.digest()));
        assert!(
            token.text.expose().starts_with(&public_part(token.key)) && token.text.expose().ends_with(token.last4())
        );
    }

    #[test]
    fn what_is_cut_longer_or_spelled_otherwise_is_no_token() {
        let token = token();
        let text = token.text.expose();
        let long = format!("{text}A");
        let umlaut = format!("{}ä", &text[..text.len() - 2]);
        let capitals = format!("{PREFIX}{}", text[PREFIX.len()..].to_uppercase());
        for other in ["", "sk_live_", &text[1..], &text[..text.len() - 1], &long, &capitals] {
            assert!(ApiKeyToken::parse(other).is_none(), "{other}");
        }
        assert_ne!(ApiKeyToken::parse(&umlaut).map(|read| read.digest()), Some(token.digest()));
    }

    /// A76: 256 bits of the system's randomness each, so no two of ten thousand share even the first tenth of it.
    #[test]
    fn a76_secrets_are_random_and_long() {
        let starts: HashSet<String> =
            (0..10_000).map(|_| token().text.expose()[PREFIX.len() + 2 * base32::LENGTH..][..11].to_owned()).collect();
        assert_eq!(starts.len(), 10_000);
    }
}
