use crate::{
    Member,
    events::MemberRoleChanged,
    member::{lock, lock_owners},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::members};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{ids::MemberId, permission::Role};
use serde_json::json;

/// Gives a member another role.
#[derive(Debug, Clone)]
pub struct ChangeRole {
    /// The member.
    pub member: MemberId,
    /// The new role.
    pub role: Role,
    /// The role of whoever changes it.
    pub by: Role,
    /// The version of the membership that they saw, if they say so.
    pub seen: Option<i64>,
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
pub fn change_role(tx: &mut TenantTx<'_>, command: &ChangeRole) -> Result<Member, ChangeRoleError> {
    let owners = lock_owners(tx)?;
    let member = lock(tx, command.member)?.ok_or(ChangeRoleError::NotFound)?;
    if command.seen.is_some_and(|seen| seen != member.version) {
        return Err(ChangeRoleError::Stale { current: member.version });
    }
    if member.role == command.role {
        return Ok(member);
    }
    if !command.by.may_grant(member.role) || !command.by.may_grant(command.role) {
        return Err(ChangeRoleError::NotAllowed);
    }
    if owners == [member.id] {
        return Err(ChangeRoleError::LastOwner);
    }
    let changed = store(tx, command)?;
    tx.audit("member.role_changed", member.id, json!({ "from": member.role, "to": command.role }))?;
    tx.emit(&MemberRoleChanged { id: member.id, role: command.role })?;
    Ok(changed)
}

fn store(tx: &mut TenantTx<'_>, command: &ChangeRole) -> Result<Member, DbError> {
    let row = members::table.filter(members::tenant_id.eq(tx.tenant())).filter(members::id.eq(command.member));
    Ok(diesel::update(row)
        .set((
            members::role.eq(command.role),
            members::updated_at.eq(tx.now()),
            members::version.eq(members::version + 1),
        ))
        .returning(Member::as_returning())
        .get_result(tx.conn())?)
}
