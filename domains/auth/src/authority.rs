use crate::{AccessClaims, HashError, Hasher, InvalidToken, Keyring, Purpose, StartedSession};
use chrono::{DateTime, Utc};
use kernel::{
    ids::UserId,
    secrets::{MasterKey, Secret},
};
use std::sync::Arc;

/// What signing in needs beside the database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Signs and checks tokens.
    pub keyring: Arc<Keyring>,
    /// Hashes and compares passwords.
    pub hasher: Hasher,
    /// Derives refresh tokens and seals second factors.
    pub master_key: MasterKey,
    /// Where the platform stands, without a final slash; links in mails begin with it.
    pub public_url: Arc<str>,
}

/// What a signed-in person holds.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Goes with every request.
    pub access_token: Secret,
    /// Goes to `/v1/auth/refresh`, once.
    pub refresh_token: Secret,
    /// Seconds the access token lives.
    pub expires_in: i64,
}

impl Authority {
    /// An authority with a hasher of its own.
    pub fn new(keyring: Keyring, master_key: MasterKey, public_url: &str) -> Result<Self, HashError> {
        Ok(Self {
            keyring: Arc::new(keyring),
            hasher: Hasher::new()?,
            master_key,
            public_url: public_url.trim_end_matches('/').into(),
        })
    }

    /// The tokens of a session that was just started or refreshed.
    pub fn tokens(&self, user: UserId, session: StartedSession, now: DateTime<Utc>) -> Result<Tokens, InvalidToken> {
        let claims = AccessClaims { sub: user, sid: session.id, tenant: session.tenant };
        Ok(Tokens {
            access_token: self.keyring.sign(claims, now)?,
            refresh_token: session.refresh_token,
            expires_in: Purpose::Access.lifetime(),
        })
    }

    /// The page a mail points to, with its one-time token.
    pub fn link(&self, page: &str, token: &Secret) -> String {
        format!("{}/{page}?token={}", self.public_url, token.expose())
    }

    /// The one child that a refresh token can have: whoever asks again gets the same (INV-I2).
    pub(crate) fn child_token(&self, parent: uuid::Uuid) -> Secret {
        crate::session::token_text(self.master_key.mac("refresh_token.child", &[parent.as_bytes()]))
    }
}
