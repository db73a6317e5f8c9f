use super::{AllowedAddresses, ApiKeyError, token::public_part};
use chrono::{DateTime, Utc};
use db::{DbError, schema::api_keys};
use diesel::prelude::*;
use kernel::{
    ids::{ApiKeyId, UserId},
    permission::{Permission, Permissions},
    text_enum,
};

text_enum! {
    /// Whether a key opens anything.
    pub enum ApiKeyStatus {
        /// It does.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// It was taken back, for good.
        Revoked = "revoked",
    }
}

/// A program's key. It belongs to the firm: it stays when whoever made it leaves.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = api_keys)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// The networks it may be used from, in CIDR notation; none means any.
    pub ip_allow_list: Vec<String>,
    /// The last characters of its present token.
    pub last4: String,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts up with every change.
    pub version: i64,
    /// When its time is over.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it last got a new token.
    pub rotated_at: Option<DateTime<Utc>>,
    /// Until when the token before that works too.
    pub previous_until: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// Whether it opens anything at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> ApiKeyStatus {
        if self.revoked_at.is_some() {
            ApiKeyStatus::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            ApiKeyStatus::Expired
        } else {
            ApiKeyStatus::Active
        }
    }

    /// How its tokens begin, by which one can be told from another.
    pub fn prefix(&self) -> String {
        public_part(self.id)
    }

    /// What it may do, as a set.
    pub(crate) fn permissions(&self) -> Permissions {
        self.scopes.iter().copied().collect()
    }

    /// Where it may be used.
    pub(crate) fn addresses(&self) -> Result<AllowedAddresses, DbError> {
        AllowedAddresses::stored(&self.ip_allow_list)
    }
}

/// Whoever makes, rotates or widens a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyMaker {
    /// The person.
    pub user: UserId,
    /// What they may do themselves.
    pub permissions: Permissions,
    /// Whether they showed lately who they are.
    pub fresh: bool,
    /// Whether their address is verified.
    pub email_verified: bool,
}

impl KeyMaker {
    /// Whether they may let a program do this: nobody hands out more than they have (INV-I7).
    pub(crate) fn may_grant(&self, scopes: Permissions) -> Result<(), ApiKeyError> {
        if !self.email_verified {
            return Err(ApiKeyError::EmailNotVerified);
        }
        if !self.fresh {
            return Err(ApiKeyError::StepUpRequired);
        }
        match scopes.iter().find(|scope| !self.permissions.allows(*scope)) {
            Some(scope) => Err(ApiKeyError::ScopeNotYours(scope)),
            None => Ok(()),
        }
    }
}

/// The scopes of a key: at least one, each one that a program may have.
pub(crate) fn check_scopes(scopes: Permissions) -> Result<(), ApiKeyError> {
    match scopes.iter().find(|scope| !scope.suits_programs()) {
        Some(scope) => Err(ApiKeyError::ScopeForPeople(scope)),
        None => Ok(()),
    }
}

/// The end of a key's time lies ahead.
pub(crate) fn check_expiry(expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), ApiKeyError> {
    if expires_at.is_some_and(|end| end <= now) { Err(ApiKeyError::ExpiryPassed) } else { Ok(()) }
}
