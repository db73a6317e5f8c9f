use crate::answer::Versioned;
use auth::{ApiKey, ApiKeyStatus};
use chrono::{DateTime, Utc};
use kernel::{
    ids::{ApiKeyId, UserId},
    permission::Permission,
    secrets::Secret,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A program's key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApiKeyView {
    /// Its id.
    id: ApiKeyId,
    /// What people call it.
    name: String,
    /// Whether it opens anything.
    status: ApiKeyStatus,
    /// How its secrets begin.
    prefix: String,
    /// The last characters of its present secret.
    last4: String,
    /// What it may do.
    scopes: Vec<Permission>,
    /// The networks it may be used from; none means any.
    ip_allow_list: Vec<String>,
    /// When its time is over.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    /// When it last got a new secret.
    #[schema(required)]
    rotated_at: Option<DateTime<Utc>>,
    /// Until when the secret before that works too.
    #[schema(required)]
    previous_until: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
    /// Who made it. It stays when they leave the firm.
    created_by: UserId,
    /// When.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl ApiKeyView {
    /// A key as of `now`.
    pub(super) fn at(key: ApiKey, now: DateTime<Utc>) -> Self {
        Self {
            status: key.status(now),
            prefix: key.prefix(),
            id: key.id,
            name: key.name,
            last4: key.last4,
            scopes: key.scopes,
            ip_allow_list: key.ip_allow_list,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            rotated_at: key.rotated_at,
            previous_until: key.previous_until,
            revoked_at: key.revoked_at,
            created_by: key.created_by,
            created_at: key.created_at,
            updated_at: key.updated_at,
            version: key.version,
        }
    }
}

impl Versioned for ApiKeyView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A program's key with a new secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct ApiKeyWithSecretView {
    #[serde(flatten)]
    key: ApiKeyView,
    /// For `Authorization: Bearer`. Keep it; it cannot be shown again.
    #[schema(pattern = "^sk_live_[0-9a-z]{52}[A-Za-z0-9_-]{43}$")]
    secret: String,
}

impl ApiKeyWithSecretView {
    /// A key as of `now` with its new secret.
    pub(super) fn at((key, secret): (ApiKey, Secret), now: DateTime<Utc>) -> Self {
        Self { key: ApiKeyView::at(key, now), secret: secret.expose().clone() }
    }
}
