use crate::{
    Member, MemberRole,
    change_role::set_role,
    member::{lock, lock_of, lock_owners},
};
use audit::Audited;
use db::{DbError, TenantTx};
use kernel::{
    ids::{MemberId, UserId},
    permission::Role,
};
use serde_json::json;

/// Hands an owner's place to another member.
#[derive(Debug, Clone, Copy)]
pub struct TransferOwnership {
    /// Who gets it.
    pub to: MemberId,
    /// The owner who gives it.
    pub by_user: UserId,
}

/// Why ownership stayed where it was.
#[derive(Debug, thiserror::Error)]
pub enum TransferOwnershipError {
    /// No such member in this firm.
    #[error("no such member")]
    NotFound,
    /// Whoever gives it is no owner (any more).
    #[error("only an owner hands ownership on")]
    NotOwner,
    /// An owner cannot hand it to themselves.
    #[error("the member is the present owner")]
    ToSelf,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes a member an owner and the owner who does it an administrator, and returns the new owner. Other owners stay what they
/// are (INV-T1).
pub fn transfer_ownership(
    tx: &mut TenantTx<'_>,
    command: &TransferOwnership,
) -> Result<Member, TransferOwnershipError> {
    let owners = lock_owners(tx)?;
    let from = lock_of(tx, command.by_user)?
        .filter(|member| owners.contains(&member.id))
        .ok_or(TransferOwnershipError::NotOwner)?;
    let to = lock(tx, command.to)?.ok_or(TransferOwnershipError::NotFound)?;
    if to.id == from.id {
        return Err(TransferOwnershipError::ToSelf);
    }
    let owner = if to.role == MemberRole::OWNER { to } else { set_role(tx, &to, MemberRole::OWNER)? };
    set_role(tx, &from, Role::Admin.into())?;
    tx.audit("tenant.ownership_transferred", owner.id, json!({ "from": from.id, "to": owner.id }))?;
    Ok(owner)
}
