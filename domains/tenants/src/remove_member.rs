use crate::{
    Grantor, Member,
    events::MemberRemoved,
    member::{lock, lock_owners, unpoint},
    role::allowed_by_held,
};
use audit::Audited;
use db::{DbError, TenantTx, schema::members};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::{MemberId, UserId};
use metering::Meter;
use serde_json::json;

/// Ends a membership.
#[derive(Debug, Clone)]
pub struct RemoveMember {
    /// The member.
    pub member: MemberId,
    /// What whoever removes it may hand out and take away.
    pub by: Grantor,
    /// Who removes it: everybody may leave.
    pub by_user: UserId,
    /// The version of the membership that they saw, if they say so.
    pub seen: Option<i64>,
}

/// Why a member was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveMemberError {
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
    #[error("the last owner cannot leave")]
    LastOwner,
    /// The member's role is not theirs to take (INV-T2).
    #[error("a member with this role may not be removed by a member with the present role")]
    NotAllowed,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Removes a member, and returns who it was. Every request checks the membership, so tokens already issued for this firm stop
/// working at once.
pub fn remove_member(tx: &mut TenantTx<'_>, command: &RemoveMember) -> Result<Member, RemoveMemberError> {
    let owners = lock_owners(tx)?;
    let member = lock(tx, command.member)?.ok_or(RemoveMemberError::NotFound)?;
    if command.seen.is_some_and(|seen| seen != member.version) {
        return Err(RemoveMemberError::Stale { current: member.version });
    }
    let allows = allowed_by_held(tx, member.role)?;
    if member.user_id != command.by_user && !command.by.may_grant(member.role, allows) {
        return Err(RemoveMemberError::NotAllowed);
    }
    if owners == [member.id] {
        return Err(RemoveMemberError::LastOwner);
    }
    delete(tx, member.id)?;
    metering::settle(tx, Meter::Members, 0, -1)?;
    unpoint(tx, member.user_id)?;
    tx.audit("member.removed", member.id, json!({ "user": member.user_id, "role": member.role }))?;
    tx.emit(&MemberRemoved { id: member.id, user_id: member.user_id })?;
    Ok(member)
}

fn delete(tx: &mut TenantTx<'_>, id: MemberId) -> Result<(), DbError> {
    let row = members::table.filter(members::tenant_id.eq(tx.tenant())).filter(members::id.eq(id));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
