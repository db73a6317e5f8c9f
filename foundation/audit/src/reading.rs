//! Who reads the log stands in the log.

use crate::Audited;
use chrono::Duration;
use db::{DbError, TenantTx, schema::audit_log};
use diesel::{dsl::exists, prelude::*, select};
use serde_json::json;

const ACTION: &str = "audit_log.read";
/// One row tells of all that a reader reads in this time, so that turning pages does not fill what is read.
const COARSE: Duration = Duration::hours(1);

/// Adds a row for the reader unless one of the last hour tells of them.
pub fn note_reading(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let (since, reader) = (tx.now() - COARSE, tx.actor().id.clone());
    let known = audit_log::table
        .filter(audit_log::tenant_id.eq(tx.tenant()))
        .filter(audit_log::action.eq(ACTION))
        .filter(audit_log::actor_id.eq(reader))
        .filter(audit_log::at.gt(since));
    if select(exists(known)).get_result(tx.conn())? {
        return Ok(());
    }
    tx.audit(ACTION, "audit_log", json!({}))
}
