use crate::role::known;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::roles};
use diesel::prelude::*;
use kernel::{ids::RoleId, permission::Permissions};

/// The most roles of its own that a firm may have.
pub const MAX_OWN_ROLES: i64 = 50;

/// A firm's own role.
#[derive(Debug, Clone)]
pub struct OwnRole {
    /// Its id.
    pub id: RoleId,
    /// Its name, unique in the firm whatever the case.
    pub name: String,
    /// What its members may do.
    pub permissions: Permissions,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Counts up with every change.
    pub version: i64,
}

/// Its row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = roles)]
pub(crate) struct OwnRoleRow {
    id: RoleId,
    name: String,
    permissions: Vec<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<OwnRoleRow> for OwnRole {
    fn from(row: OwnRoleRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            permissions: known(&row.permissions),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// Why a firm's own role was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum OwnRoleError {
    /// No such role in this firm.
    #[error("no such role")]
    NotFound,
    /// The role was changed since it was read.
    #[error("the role has another version")]
    Stale,
    /// Another role of the firm, or one of the platform's, has this name.
    #[error("the name is taken")]
    NameTaken,
    /// It holds or would hold a permission that whoever asks does not have (INV-T2).
    #[error("the role allows more than its maker may do")]
    NotAllowed,
    /// The firm has as many roles as it may have.
    #[error("a firm has at most {MAX_OWN_ROLES} roles of its own")]
    TooMany,
    /// Members have it, or open invitations name it.
    #[error("the role is in use")]
    InUse(RoleUse),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Who uses a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleUse {
    /// Members who have it.
    pub members: Vec<kernel::ids::MemberId>,
    /// Open invitations that name it.
    pub invitations: Vec<kernel::ids::InvitationId>,
}

/// The firm's own roles, in the order of their making.
pub fn list_own_roles(tx: &mut TenantTx<'_>) -> Result<Vec<OwnRole>, DbError> {
    let rows: Vec<OwnRoleRow> = roles::table
        .filter(roles::tenant_id.eq(tx.tenant()))
        .order(roles::id)
        .select(OwnRoleRow::as_select())
        .load(tx.conn())?;
    Ok(rows.into_iter().map(OwnRole::from).collect())
}

/// One of the firm's own roles.
pub fn find_own_role(tx: &mut TenantTx<'_>, id: RoleId) -> Result<Option<OwnRole>, DbError> {
    let row: Option<OwnRoleRow> = roles::table
        .filter(roles::tenant_id.eq(tx.tenant()))
        .filter(roles::id.eq(id))
        .select(OwnRoleRow::as_select())
        .first(tx.conn())
        .optional()?;
    Ok(row.map(OwnRole::from))
}

/// One of the firm's own roles, locked until the transaction ends: nobody gets it meanwhile.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: RoleId) -> Result<Option<OwnRole>, DbError> {
    let row: Option<OwnRoleRow> = roles::table
        .filter(roles::tenant_id.eq(tx.tenant()))
        .filter(roles::id.eq(id))
        .select(OwnRoleRow::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?;
    Ok(row.map(OwnRole::from))
}

/// The texts that are stored.
pub(crate) fn texts(permissions: Permissions) -> Vec<&'static str> {
    permissions.iter().map(kernel::permission::Permission::as_str).collect()
}

/// A built-in role goes by this name already.
pub(crate) fn is_built_in(name: &str) -> bool {
    name.to_lowercase().replace([' ', '-'], "_").parse::<kernel::permission::Role>().is_ok()
}
