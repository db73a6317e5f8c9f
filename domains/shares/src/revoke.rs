use audit::Audited;
use db::{DbError, TenantTx, schema::shares};
use diesel::prelude::*;
use kernel::ids::ShareId;
use serde_json::Value;

/// Why nothing could be done with a link.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// No such link in this firm.
    #[error("no such link")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Takes a link back for good; it opens nothing with the next request. One that was taken back stays so.
pub fn revoke_share(tx: &mut TenantTx<'_>, id: ShareId) -> Result<(), ShareError> {
    crate::find_share(tx, id)?;
    let now = tx.now();
    let open = shares::table
        .filter(shares::tenant_id.eq(tx.tenant()))
        .filter(shares::id.eq(id))
        .filter(shares::revoked_at.is_null());
    let changed = diesel::update(open).set(shares::revoked_at.eq(now)).execute(tx.conn()).map_err(DbError::from)?;
    if changed == 1 {
        tx.audit("share.revoked", id, Value::Null)?;
    }
    Ok(())
}
