use crate::{Tenant, TenantStatus, events::TenantClosed, find, member::lock_owners, read::find_member_of};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{invitations, tenants},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::UserId;
use serde_json::Value;

/// Why a firm was not closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// Whoever closes it is no owner (any more).
    #[error("only an owner closes a firm")]
    NotOwner,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Locks the transaction's firm for its closing: trade that goes on in it ends first, and none begins.
pub fn lock_for_closing(tx: &mut TenantTx<'_>, by: UserId) -> Result<Tenant, CloseError> {
    let owners = lock_owners(tx)?;
    let tenant = lock(tx)?;
    find_member_of(tx, by)?.filter(|member| owners.contains(&member.id)).ok_or(CloseError::NotOwner)?;
    Ok(tenant)
}

/// Closes a firm that the caller holds locked, for good: nobody gets in any more, and its slug stays taken. What else it had to
/// settle is the caller's (INV-T6).
pub fn close(tx: &mut TenantTx<'_>) -> Result<Tenant, DbError> {
    let now = tx.now();
    diesel::update(tenants::table.filter(tenants::id.eq(tx.tenant())))
        .set((
            tenants::status.eq(TenantStatus::Closed),
            tenants::closed_at.eq(now),
            tenants::updated_at.eq(now),
            tenants::version.eq(tenants::version + 1),
        ))
        .execute(tx.conn())?;
    take_back_invitations(tx)?;
    let tenant = find(tx)?;
    tx.audit("tenant.closed", tenant.id, Value::Null)?;
    tx.emit(&TenantClosed { id: tenant.id })?;
    Ok(tenant)
}

fn lock(tx: &mut TenantTx<'_>) -> Result<Tenant, DbError> {
    Ok(tenants::table.filter(tenants::id.eq(tx.tenant())).select(Tenant::as_select()).for_update().first(tx.conn())?)
}

fn take_back_invitations(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let open = invitations::table
        .filter(invitations::tenant_id.eq(tx.tenant()))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null());
    diesel::update(open).set(invitations::revoked_at.eq(tx.now())).execute(tx.conn())?;
    Ok(())
}
