use super::Carrier;
use crate::{answer::Versioned, tenants::view::TenantSummary};
use actix_web::{HttpResponse, http::StatusCode};
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
    /// Counts changes of name, language and address; the `ETag` begins with it.
    pub version: i64,
}

impl Versioned for UserView {
    fn version(&self) -> i64 {
        self.version
    }
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
            version: person.version,
        }
    }
}

/// The tokens of a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensView {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// For `POST /v1/auth/refresh`, once; missing where it is kept in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Seconds the access token lives.
    pub expires_in: i64,
}

impl TokensView {
    /// What a body says of tokens.
    pub(crate) fn new(tokens: &Tokens, carrier: Carrier) -> Self {
        Self {
            access_token: tokens.access_token.expose().clone(),
            refresh_token: carrier.in_body(&tokens.refresh_token),
            expires_in: tokens.expires_in,
        }
    }

    /// The answer that is nothing but tokens.
    pub(crate) fn answer(tokens: &Tokens, carrier: Carrier, status: StatusCode) -> HttpResponse {
        carrier.answer(status, &Self::new(tokens, carrier), Some(&tokens.refresh_token))
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
    /// Whether log-in asks for a second factor.
    pub totp_enabled: bool,
    /// Their role there.
    pub role: MemberRole,
    /// What the role allows.
    pub permissions: Vec<Permission>,
    /// All their firms.
    pub memberships: Vec<MembershipView>,
}

impl Versioned for MeView {
    fn version(&self) -> i64 {
        self.user.version
    }
}
