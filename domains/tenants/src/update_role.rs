use crate::{
    Grantor, OwnRole, OwnRoleError,
    events::RoleUpdated,
    own_role::{OwnRoleRow, is_built_in, lock, texts},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::roles};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{ids::RoleId, permission::Permissions};
use serde_json::json;

/// Changes of a firm's own role; what is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct UpdateRole {
    /// The role.
    pub id: RoleId,
    /// Refuse if the role has another version by now.
    pub if_version: Option<i64>,
    /// New name.
    pub name: Option<String>,
    /// New permissions.
    pub permissions: Option<Permissions>,
    /// What whoever changes it may hand out.
    pub by: Grantor,
}

/// Changes a firm's own role; it counts from its members' next requests on. Neither what it allowed nor what it is to allow is
/// more than whoever changes it has (INV-T2). What is so already stays as it is, so that a repeated request has no second effect.
pub fn update_role(tx: &mut TenantTx<'_>, command: &UpdateRole) -> Result<OwnRole, OwnRoleError> {
    let role = lock(tx, command.id)?.ok_or(OwnRoleError::NotFound)?;
    let permissions = command.permissions.unwrap_or(role.permissions);
    let name = command.name.as_deref().unwrap_or(&role.name);
    if name == role.name && permissions == role.permissions {
        return Ok(role);
    }
    if command.if_version.is_some_and(|seen| seen != role.version) {
        return Err(OwnRoleError::Stale);
    }
    if !command.by.may_give(role.permissions) || !command.by.may_give(permissions) {
        return Err(OwnRoleError::NotAllowed);
    }
    if is_built_in(name) {
        return Err(OwnRoleError::NameTaken);
    }
    let changed = store(tx, role.id, name, permissions).map_err(|error| match error {
        error if error.is_unique_violation("roles_name") => OwnRoleError::NameTaken,
        error => error.into(),
    })?;
    tx.audit("role.updated", role.id, json!({ "from": role.permissions, "to": permissions }))?;
    tx.emit(&RoleUpdated { id: role.id, permissions, version: changed.version })?;
    Ok(changed)
}

fn store(tx: &mut TenantTx<'_>, id: RoleId, name: &str, permissions: Permissions) -> Result<OwnRole, DbError> {
    let row = roles::table.filter(roles::tenant_id.eq(tx.tenant())).filter(roles::id.eq(id));
    let row: OwnRoleRow = diesel::update(row)
        .set((
            roles::name.eq(name),
            roles::permissions.eq(texts(permissions)),
            roles::updated_at.eq(tx.now()),
            roles::version.eq(roles::version + 1),
        ))
        .returning(OwnRoleRow::as_returning())
        .get_result(tx.conn())?;
    Ok(row.into())
}
