use crate::{
    Grantor, OwnRole, OwnRoleError,
    events::RoleCreated,
    own_role::{MAX_OWN_ROLES, OwnRoleRow, is_built_in, texts},
    read::lock_firm,
};
use audit::Audited;
use db::{DbError, TenantTx, schema::roles};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{ids::RoleId, permission::Permissions};
use serde_json::json;

/// A role to be made.
#[derive(Debug, Clone)]
pub struct CreateRole {
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// What its members may do.
    pub permissions: Permissions,
    /// What its maker may hand out.
    pub by: Grantor,
}

/// Makes a role of the firm's own. It holds nothing that its maker does not have (INV-T2).
pub fn create_role(tx: &mut TenantTx<'_>, command: &CreateRole) -> Result<OwnRole, OwnRoleError> {
    if !command.by.may_give(command.permissions) {
        return Err(OwnRoleError::NotAllowed);
    }
    if is_built_in(&command.name) {
        return Err(OwnRoleError::NameTaken);
    }
    if lock_count(tx)? >= MAX_OWN_ROLES {
        return Err(OwnRoleError::TooMany);
    }
    let role = insert(tx, command)?.ok_or(OwnRoleError::NameTaken)?;
    tx.audit("role.created", role.id, json!({ "permissions": role.permissions }))?;
    tx.emit(&RoleCreated { id: role.id, permissions: role.permissions })?;
    Ok(role)
}

/// How many roles there are, while nobody else makes one.
fn lock_count(tx: &mut TenantTx<'_>) -> Result<i64, DbError> {
    lock_firm(tx)?;
    Ok(roles::table.filter(roles::tenant_id.eq(tx.tenant())).count().get_result(tx.conn())?)
}

fn insert(tx: &mut TenantTx<'_>, command: &CreateRole) -> Result<Option<OwnRole>, DbError> {
    let row = (
        roles::id.eq(tx.new_id::<RoleId>()),
        roles::name.eq(&command.name),
        roles::permissions.eq(texts(command.permissions)),
        roles::created_at.eq(tx.now()),
        roles::updated_at.eq(tx.now()),
    );
    let row: Option<OwnRoleRow> = diesel::insert_into(roles::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(OwnRoleRow::as_returning())
        .get_result(tx.conn())
        .optional()?;
    Ok(row.map(OwnRole::from))
}
