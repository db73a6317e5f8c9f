//! Version 1 of the events of keys. Ids, scopes and instants only.

use chrono::{DateTime, Utc};
use jobs::Event;
use kernel::{ids::ApiKeyId, permission::Permissions};
use serde::Serialize;

/// A key was made.
#[derive(Debug, Serialize)]
pub(crate) struct ApiKeyCreated {
    pub(crate) id: ApiKeyId,
    pub(crate) scopes: Permissions,
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

impl Event for ApiKeyCreated {
    const TYPE: &'static str = "api_key.created";
}

/// A key got a new token.
#[derive(Debug, Serialize)]
pub(crate) struct ApiKeyRotated {
    pub(crate) id: ApiKeyId,
    pub(crate) previous_until: DateTime<Utc>,
}

impl Event for ApiKeyRotated {
    const TYPE: &'static str = "api_key.rotated";
}

/// A key was taken back.
#[derive(Debug, Serialize)]
pub(crate) struct ApiKeyRevoked {
    pub(crate) id: ApiKeyId,
}

impl Event for ApiKeyRevoked {
    const TYPE: &'static str = "api_key.revoked";
}
