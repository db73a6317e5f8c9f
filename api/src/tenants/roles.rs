//! What the endpoints of roles share.

use super::problems;
use crate::{
    answer::Versioned,
    problem::{FieldError, Problem, edge},
};
use chrono::{DateTime, Utc};
use kernel::{
    ids::RoleId,
    permission::{Permission, Role},
};
use serde::Serialize;
use tenants::{MAX_OWN_ROLES, OwnRole, OwnRoleError};
use utoipa::ToSchema;

/// A role and what it allows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleView {
    /// An own role's id, which a member's or an invitation's `role` holds.
    pub id: Option<RoleId>,
    /// Its name; a built-in role's is what `role` holds.
    pub name: String,
    /// Whether it comes with the platform.
    pub built_in: bool,
    /// What its members may do.
    pub permissions: Vec<Permission>,
    /// When an own role was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// When an own role was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            id: None,
            name: role.to_string(),
            built_in: true,
            permissions: role.permissions().to_vec(),
            created_at: None,
            updated_at: None,
            version: 1,
        }
    }
}

impl From<OwnRole> for RoleView {
    fn from(role: OwnRole) -> Self {
        Self {
            id: Some(role.id),
            name: role.name,
            built_in: false,
            permissions: role.permissions.iter().collect(),
            created_at: Some(role.created_at),
            updated_at: Some(role.updated_at),
            version: role.version,
        }
    }
}

impl Versioned for RoleView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<OwnRoleError> for Problem {
    fn from(error: OwnRoleError) -> Self {
        match error {
            OwnRoleError::NotFound => edge::NOT_FOUND.into(),
            OwnRoleError::Stale => edge::PRECONDITION_FAILED.into(),
            OwnRoleError::NameTaken => problems::OWN_ROLE_NAME_TAKEN.into(),
            OwnRoleError::NotAllowed => problems::ROLE_NOT_YOURS.into(),
            OwnRoleError::TooMany => problems::ROLE_LIMIT_REACHED.with("maximum", MAX_OWN_ROLES),
            OwnRoleError::InUse(users) => {
                problems::ROLE_IN_USE.with("members", users.members).with("invitations", users.invitations)
            }
            OwnRoleError::Db(error) => error.into(),
        }
    }
}

/// The firm has no role like the one that the body names.
pub(super) fn unknown_role() -> Problem {
    edge::VALIDATION_FAILED.error(FieldError::new(
        "/role",
        "unknown_role",
        "the firm has no such role",
        "企业没有该角色",
    ))
}

/// 1 to 60 characters that can be seen.
pub(super) fn is_role_name(text: &str, (): &()) -> garde::Result {
    let sound = text.chars().count() <= 60 && !text.trim().is_empty() && !text.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(garde::Error::new("must be 1 to 60 printable characters, not only spaces")) }
}
