//! What the last comparison found, for administrators.

use super::Finding;
use chrono::{DateTime, Utc};
use db::{DbError, PlatformTx, schema::storage_exceptions};
use diesel::{prelude::*, upsert::excluded};

/// Notes what was found; what is known already keeps the instant at which it was first seen.
pub(crate) fn note(tx: &mut PlatformTx<'_>, findings: &[Finding]) -> Result<(), DbError> {
    let now = tx.now();
    let rows: Vec<_> = findings
        .iter()
        .map(|finding| {
            (
                storage_exceptions::key.eq(&finding.key),
                storage_exceptions::kind.eq(finding.difference),
                storage_exceptions::size_bytes.eq(finding.size_bytes),
                storage_exceptions::first_seen_at.eq(now),
                storage_exceptions::last_seen_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(storage_exceptions::table)
        .values(rows)
        .on_conflict(storage_exceptions::key)
        .do_update()
        .set((
            storage_exceptions::kind.eq(excluded(storage_exceptions::kind)),
            storage_exceptions::size_bytes.eq(excluded(storage_exceptions::size_bytes)),
            storage_exceptions::last_seen_at.eq(excluded(storage_exceptions::last_seen_at)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets what a comparison that began at `begun` did not find again.
pub(crate) fn forget_before(tx: &mut PlatformTx<'_>, begun: DateTime<Utc>) -> Result<(), DbError> {
    diesel::delete(storage_exceptions::table.filter(storage_exceptions::last_seen_at.lt(begun))).execute(tx.conn())?;
    Ok(())
}
