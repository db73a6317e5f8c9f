//! What members are: one of the roles that come with the platform, or one that the firm made itself.

use db::{DbError, TenantTx, schema::roles};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    prelude::*,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::Text,
};
use kernel::{
    ids::{Id, RoleId},
    permission::{Permission, Permissions, Role},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, io::Write, str::FromStr};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
use uuid::Uuid;

/// A member's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum MemberRole {
    /// One that comes with the platform; spoken as its name.
    BuiltIn(Role),
    /// One that the firm made; spoken as its id.
    Own(RoleId),
}

impl MemberRole {
    /// The role of those who may do everything.
    pub const OWNER: Self = Self::BuiltIn(Role::Owner);
}

impl From<Role> for MemberRole {
    fn from(role: Role) -> Self {
        Self::BuiltIn(role)
    }
}

impl fmt::Display for MemberRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(role) => role.fmt(f),
            Self::Own(id) => id.fmt(f),
        }
    }
}

impl FromStr for MemberRole {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let own = || text.parse().map(Self::Own);
        text.parse().map(Self::BuiltIn).or_else(|_| own()).map_err(|_| "expected a built-in role's name or a role's id")
    }
}

impl Serialize for MemberRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MemberRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An own role is stored as its bare id, from which the database makes `members.own_role`.
impl ToSql<Text, Pg> for MemberRole {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        match self {
            Self::BuiltIn(role) => out.write_all(role.as_str().as_bytes())?,
            Self::Own(id) => write!(out, "{}", id.uuid().hyphenated())?,
        }
        Ok(IsNull::No)
    }
}

impl FromSql<Text, Pg> for MemberRole {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let text = std::str::from_utf8(bytes.as_bytes())?;
        match Uuid::try_parse(text) {
            Ok(id) => Ok(Self::Own(RoleId::from_uuid(id))),
            Err(_) => Ok(Self::BuiltIn(text.parse()?)),
        }
    }
}

impl utoipa::PartialSchema for MemberRole {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The name of a built-in role, or the id of one of the firm's own"))
            .pattern(Some("^([a-z_]+|rol_[0-9a-z]{26})$"))
            .examples(["viewer"])
            .into()
    }
}

impl utoipa::ToSchema for MemberRole {}

/// What somebody may hand out, change and take away; nothing by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grantor {
    /// Whether it is an owner.
    pub is_owner: bool,
    /// What they may do themselves.
    pub permissions: Permissions,
}

impl Grantor {
    /// Whether they may give, change or take away a role: nobody hands out more than they have, and only an owner makes or
    /// removes an owner (INV-T2).
    pub const fn may_grant(self, role: MemberRole, allows: Permissions) -> bool {
        let is_owners = matches!(role, MemberRole::OWNER);
        self.may_give(allows) && (self.is_owner || !is_owners)
    }

    /// Whether they may give these permissions to anybody.
    pub const fn may_give(self, permissions: Permissions) -> bool {
        self.permissions.allows(Permission::TenantsAdmin) && self.permissions.covers(permissions)
    }
}

/// What a role of the transaction's firm allows; `None` if the firm has no such role. An own role is not deleted before the
/// transaction ends.
pub(crate) fn allowed_by(tx: &mut TenantTx<'_>, role: MemberRole) -> Result<Option<Permissions>, DbError> {
    let id = match role {
        MemberRole::BuiltIn(role) => return Ok(Some(role.set())),
        MemberRole::Own(id) => id,
    };
    let texts: Option<Vec<String>> = roles::table
        .filter(roles::tenant_id.eq(tx.tenant()))
        .filter(roles::id.eq(id))
        .select(roles::permissions)
        .for_key_share()
        .first(tx.conn())
        .optional()?;
    Ok(texts.map(|texts| known(&texts)))
}

/// The same for a role that somebody has, which is therefore there.
pub(crate) fn allowed_by_held(tx: &mut TenantTx<'_>, role: MemberRole) -> Result<Permissions, DbError> {
    allowed_by(tx, role)?.ok_or_else(|| DbError::Corrupt(format!("{role} is held and does not exist")))
}

/// Stored permissions; one that this version does not know is not held.
pub(crate) fn known(texts: &[String]) -> Permissions {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by(role: Role) -> Grantor {
        Grantor { is_owner: role == Role::Owner, permissions: role.set() }
    }

    #[test]
    fn only_an_owner_makes_an_owner_and_nobody_without_the_right_makes_anybody() {
        let may = |grantor: Role, role: Role| by(grantor).may_grant(role.into(), role.set());
        assert!(may(Role::Owner, Role::Owner) && may(Role::Owner, Role::Admin) && may(Role::Admin, Role::Admin));
        assert!(!may(Role::Admin, Role::Owner));
        assert!(!may(Role::Sales, Role::Sales) && !may(Role::Auditor, Role::Auditor));
    }

    #[test]
    fn both_kinds_of_roles_come_back_from_their_text() {
        let own = MemberRole::Own(RoleId::new(chrono::Utc::now()));
        for role in Role::ALL.iter().map(|role| MemberRole::from(*role)).chain([own]) {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        for text in ["", "Owner", "nobody", "mem_01jd3v0e8mfkb9q1q5e2r7x4tz", "rol_1"] {
            assert!(text.parse::<MemberRole>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nobody_hands_out_more_than_they_have(
            mine in proptest::sample::subsequence(Permission::ALL.to_vec(), 0..=Permission::ALL.len()),
            theirs in proptest::sample::subsequence(Permission::ALL.to_vec(), 0..=Permission::ALL.len()),
        ) {
            let grantor = Grantor { is_owner: false, permissions: mine.iter().copied().collect() };
            let may = grantor.may_give(theirs.iter().copied().collect());
            let subset = theirs.iter().all(|permission| mine.contains(permission));
            prop_assert_eq!(may, subset && mine.contains(&Permission::TenantsAdmin));
        }
    }
}
