use crate::tenants::view::TenantSummary;
use auth::{Person, Tokens};
use chrono::{DateTime, Utc};
use kernel::{ids::UserId, permission::Permission};
use serde::Serialize;
use tenants::{Locale, MemberRole};
use utoipa::ToSchema;

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Whether it is verified.
    pub email_verified: bool,
    /// What they are called.
    pub display_name: String,
    /// The language they read.
    pub locale: Locale,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

impl From<Person> for UserView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            email: person.email,
            email_verified: person.email_verified_at.is_some(),
            display_name: person.display_name,
            locale: person.locale,
            created_at: person.created_at,
        }
    }
}

/// The tokens of a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensView {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// For `POST /v1/auth/refresh`, once.
    pub refresh_token: String,
    /// Seconds the access token lives.
    pub expires_in: i64,
}

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token.expose().clone(),
            refresh_token: tokens.refresh_token.expose().clone(),
            expires_in: tokens.expires_in,
        }
    }
}

/// A firm that somebody belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MembershipView {
    /// The firm.
    pub tenant: TenantSummary,
    /// Their role there.
    pub role: MemberRole,
}

/// The signed-in person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeView {
    /// The person.
    pub user: UserView,
    /// The firm they work in.
    pub tenant: TenantSummary,
    /// Their role there.
    pub role: MemberRole,
    /// What the role allows.
    pub permissions: Vec<Permission>,
    /// All their firms.
    pub memberships: Vec<MembershipView>,
}
