//! Plain addresses are kept for as long as the law wants network logs, then erased; the chain holds their digests.

use chrono::Duration;
use db::{DbError, PlatformTx, TenantTx, schema::audit_log};
use diesel::prelude::*;
use kernel::ids::TenantId;

/// How long addresses are readable: "at least six months" of the Cybersecurity Law, article 21.
pub const ADDRESSES_KEPT: Duration = Duration::days(184);
/// Rows looked through in one transaction.
const BATCH: i64 = 5_000;

/// Erases addresses that are too old, some at a time; returns how many it erased.
pub fn erase_old_addresses(tx: &mut TenantTx<'_>) -> Result<usize, DbError> {
    let before = tx.now() - ADDRESSES_KEPT;
    let old: Vec<i64> = audit_log::table
        .filter(audit_log::tenant_id.eq(tx.tenant()))
        .filter(audit_log::ip.is_not_null())
        .filter(audit_log::at.lt(before))
        .select(audit_log::seq)
        .limit(BATCH)
        .load(tx.conn())?;
    let rows = audit_log::table.filter(audit_log::tenant_id.eq(tx.tenant())).filter(audit_log::seq.eq_any(old));
    Ok(diesel::update(rows).set(audit_log::ip.eq(None::<String>)).execute(tx.conn())?)
}

/// Tenants with addresses that are too old.
pub fn with_old_addresses(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    let before = tx.now() - ADDRESSES_KEPT;
    Ok(audit_log::table
        .filter(audit_log::ip.is_not_null())
        .filter(audit_log::at.lt(before))
        .select(audit_log::tenant_id)
        .distinct()
        .load(tx.conn())?)
}
