use crate::{Grantor, MemberRole, OwnRoleError, RoleUse, events::RoleDeleted, own_role::lock};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{invitations, members, roles},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::RoleId;
use serde_json::json;

/// Removes a firm's own role that nobody uses. Invitations that expired with it are taken back: they could not be sent anew.
pub fn delete_role(tx: &mut TenantTx<'_>, id: RoleId, by: Grantor) -> Result<(), OwnRoleError> {
    let role = lock(tx, id)?.ok_or(OwnRoleError::NotFound)?;
    if !by.may_give(role.permissions) {
        return Err(OwnRoleError::NotAllowed);
    }
    let users = users(tx, id)?;
    if users != RoleUse::default() {
        return Err(OwnRoleError::InUse(users));
    }
    take_back_expired(tx, id)?;
    delete(tx, id)?;
    tx.audit("role.deleted", id, json!({ "name": role.name }))?;
    tx.emit(&RoleDeleted { id })?;
    Ok(())
}

fn users(tx: &mut TenantTx<'_>, id: RoleId) -> Result<RoleUse, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let members = members::table
        .filter(members::tenant_id.eq(tenant))
        .filter(members::own_role.eq(id))
        .order(members::id)
        .select(members::id)
        .load(tx.conn())?;
    let invitations = invitations::table
        .filter(invitations::tenant_id.eq(tenant))
        .filter(invitations::role.eq(MemberRole::Own(id)))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .order(invitations::id)
        .select(invitations::id)
        .load(tx.conn())?;
    Ok(RoleUse { members, invitations })
}

fn take_back_expired(tx: &mut TenantTx<'_>, id: RoleId) -> Result<(), DbError> {
    let unsettled = invitations::table
        .filter(invitations::tenant_id.eq(tx.tenant()))
        .filter(invitations::role.eq(MemberRole::Own(id)))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null());
    diesel::update(unsettled).set(invitations::revoked_at.eq(tx.now())).execute(tx.conn())?;
    Ok(())
}

fn delete(tx: &mut TenantTx<'_>, id: RoleId) -> Result<(), DbError> {
    diesel::delete(roles::table.filter(roles::tenant_id.eq(tx.tenant())).filter(roles::id.eq(id)))
        .execute(tx.conn())?;
    Ok(())
}
