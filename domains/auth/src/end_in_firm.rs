use crate::session::RevokedReason;
use db::{AuthTx, DbError, schema::sessions};
use diesel::prelude::*;
use kernel::ids::{TenantId, UserId};

/// Ends a person's sessions in a firm that they leave: nobody finds them alive who comes back later.
pub fn end_sessions_of(tx: &mut AuthTx<'_>, tenant: TenantId, user: UserId) -> Result<usize, DbError> {
    let now = tx.now();
    let open = sessions::table
        .filter(sessions::for_tenant.eq(tenant))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null());
    Ok(diesel::update(open)
        .set((sessions::revoked_at.eq(now), sessions::revoked_reason.eq(RevokedReason::NoStanding)))
        .execute(tx.conn())?)
}

/// Ends everybody's sessions in a firm that closes.
pub fn end_all_sessions(tx: &mut AuthTx<'_>, tenant: TenantId) -> Result<usize, DbError> {
    let now = tx.now();
    let open = sessions::table.filter(sessions::for_tenant.eq(tenant)).filter(sessions::revoked_at.is_null());
    Ok(diesel::update(open)
        .set((sessions::revoked_at.eq(now), sessions::revoked_reason.eq(RevokedReason::FirmClosed)))
        .execute(tx.conn())?)
}
