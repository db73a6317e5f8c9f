//! What signed tokens say.

use kernel::{
    ids::{AdminId, SessionId, TenantId, UserId},
    text_enum,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

text_enum! {
    /// What a signed token is for: its audience.
    pub enum Purpose {
        /// A person's requests in a firm.
        Access = "smecloud",
        /// The second step of a person's log-in.
        Mfa = "mfa",
        /// An administrator's requests.
        Admin = "admin",
        /// The second step of an administrator's log-in.
        AdminMfa = "admin_mfa",
    }
}

impl Purpose {
    /// Seconds a token of this purpose lives.
    pub const fn lifetime(self) -> i64 {
        match self {
            Self::Access => 15 * 60,
            Self::Admin => 60 * 60,
            Self::Mfa | Self::AdminMfa => 5 * 60,
        }
    }
}

/// What a token of one purpose carries beside issuer, audience and times.
pub trait Claims: Serialize + DeserializeOwned {
    /// The purpose.
    const PURPOSE: Purpose;
}

/// A signed-in person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The person.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// The firm in which the session works.
    pub tenant: TenantId,
}

impl Claims for AccessClaims {
    const PURPOSE: Purpose = Purpose::Access;
}

/// A person whose password was right and whose code is still to come. Opens nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HalfwayClaims {
    /// The person.
    pub sub: UserId,
    /// Since when the password was theirs, in microseconds: with another password the log-in begins anew.
    pub since: i64,
}

impl Claims for HalfwayClaims {
    const PURPOSE: Purpose = Purpose::Mfa;
}

/// A signed-in administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminClaims {
    /// The administrator.
    pub sub: AdminId,
}

impl Claims for AdminClaims {
    const PURPOSE: Purpose = Purpose::Admin;
}

/// An administrator whose password was right and whose code is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaClaims {
    /// The administrator.
    pub sub: AdminId,
}

impl Claims for MfaClaims {
    const PURPOSE: Purpose = Purpose::AdminMfa;
}

/// A token that this platform did not sign for this purpose, or whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct InvalidToken;

/// A whole token.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Envelope<C> {
    pub(crate) iss: String,
    pub(crate) aud: Purpose,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    /// Not in tokens of ours; minded all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<i64>,
    #[serde(flatten)]
    pub(crate) claims: C,
}
