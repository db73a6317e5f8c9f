use crate::{
    Grantor, Member, MemberRole,
    events::MemberRoleChanged,
    member::{lock, lock_owners},
    role::{allowed_by, allowed_by_held},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::members};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::MemberId;
use serde_json::json;

/// Gives a member another role.
#[derive(Debug, Clone)]
pub struct ChangeRole {
    /// The member.
    pub member: MemberId,
    /// The new role.
    pub role: MemberRole,
    /// What whoever changes it may hand out.
    pub by: Grantor,
    /// The version of the membership that they saw, if they say so.
    pub seen: Option<i64>,
}

/// A member with the role that was asked for.
#[derive(Debug, Clone)]
pub struct ChangedRole {
    /// The member.
    pub member: Member,
    /// What they were before; the same if nothing changed.
    pub before: MemberRole,
}

/// Why a role was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRoleError {
    /// No such member in this firm.
    #[error("no such member")]
    NotFound,
    /// The membership has changed since it was seen.
    #[error("the membership was changed meanwhile")]
    Stale {
        /// Its present version.
        current: i64,
    },
    /// The firm has no such role.
    #[error("no such role")]
    UnknownRole,
    /// The member is the last owner.
    #[error("the last owner stays an owner")]
    LastOwner,
    /// The old or the new role is not theirs to give (INV-T2).
    #[error("this role may not be given or taken by a member with the present role")]
    NotAllowed,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Changes a member's role; it counts from the member's next request on.
pub fn change_role(tx: &mut TenantTx<'_>, command: &ChangeRole) -> Result<ChangedRole, ChangeRoleError> {
    let owners = lock_owners(tx)?;
    let member = lock(tx, command.member)?.ok_or(ChangeRoleError::NotFound)?;
    if command.seen.is_some_and(|seen| seen != member.version) {
        return Err(ChangeRoleError::Stale { current: member.version });
    }
    let before = member.role;
    if before == command.role {
        return Ok(ChangedRole { member, before });
    }
    let new = allowed_by(tx, command.role)?.ok_or(ChangeRoleError::UnknownRole)?;
    let old = allowed_by_held(tx, member.role)?;
    if !command.by.may_grant(member.role, old) || !command.by.may_grant(command.role, new) {
        return Err(ChangeRoleError::NotAllowed);
    }
    if owners == [member.id] {
        return Err(ChangeRoleError::LastOwner);
    }
    Ok(ChangedRole { member: set_role(tx, &member, command.role)?, before })
}

/// Gives a member a role and tells of it.
pub(crate) fn set_role(tx: &mut TenantTx<'_>, member: &Member, role: MemberRole) -> Result<Member, DbError> {
    let changed = store(tx, member.id, role)?;
    tx.audit("member.role_changed", member.id, json!({ "from": member.role, "to": role }))?;
    tx.emit(&MemberRoleChanged { id: member.id, role })?;
    Ok(changed)
}

fn store(tx: &mut TenantTx<'_>, id: MemberId, role: MemberRole) -> Result<Member, DbError> {
    let row = members::table.filter(members::tenant_id.eq(tx.tenant())).filter(members::id.eq(id));
    Ok(diesel::update(row)
        .set((members::role.eq(role), members::updated_at.eq(tx.now()), members::version.eq(members::version + 1)))
        .returning(Member::as_returning())
        .get_result(tx.conn())?)
}
