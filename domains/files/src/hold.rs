//! Legal holds: a held file stays until every hold on it has ended, whatever trash and retention say.

use crate::{FileError, file::lock, gauge};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::file_holds};
use diesel::prelude::*;
use kernel::ids::{FileId, HoldId};
use serde_json::json;

/// A hold on a file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = file_holds)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The file.
    pub file_id: FileId,
    /// What holds it: `member`, or a dispute's id.
    pub cause: String,
    /// Why, in words.
    pub reason: String,
    /// Since when.
    pub placed_at: DateTime<Utc>,
    /// Until when; `None` while it stands.
    pub released_at: Option<DateTime<Utc>>,
}

/// Holds a file, in its place or in the trash.
pub fn place_hold(tx: &mut TenantTx<'_>, file: FileId, cause: &str, reason: &str) -> Result<Hold, FileError> {
    lock(tx, file)?.ok_or(FileError::NotFound)?;
    let id: HoldId = tx.new_id();
    let hold = diesel::insert_into(file_holds::table)
        .values((
            file_holds::id.eq(id),
            file_holds::file_id.eq(file),
            file_holds::cause.eq(cause),
            file_holds::reason.eq(reason),
            file_holds::placed_at.eq(tx.now()),
        ))
        .returning(Hold::as_returning())
        .get_result(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("file.held", file, json!({ "hold": id, "cause": cause }))?;
    Ok(hold)
}

/// Ends a hold of this cause. What was due meanwhile is deleted by the next look.
pub fn release_hold(tx: &mut TenantTx<'_>, file: FileId, cause: &str, id: HoldId) -> Result<(), FileError> {
    let now = tx.now();
    let standing = file_holds::table
        .filter(file_holds::tenant_id.eq(tx.tenant()))
        .filter(file_holds::file_id.eq(file))
        .filter(file_holds::id.eq(id))
        .filter(file_holds::cause.eq(cause))
        .filter(file_holds::released_at.is_null());
    let changed = diesel::update(standing).set(file_holds::released_at.eq(now)).execute(tx.conn());
    if changed.map_err(DbError::from)? == 0 {
        return Err(FileError::NotFound);
    }
    gauge::purge_by(tx, now)?;
    tx.audit("file.hold_released", file, json!({ "hold": id }))?;
    Ok(())
}

/// The holds on a file, newest first, those that ended too.
pub fn list_holds(tx: &mut TenantTx<'_>, file: FileId) -> Result<Vec<Hold>, FileError> {
    lock(tx, file)?.ok_or(FileError::NotFound)?;
    let holds = file_holds::table
        .filter(file_holds::tenant_id.eq(tx.tenant()))
        .filter(file_holds::file_id.eq(file))
        .order(file_holds::id.desc())
        .limit(100)
        .select(Hold::as_select())
        .load(tx.conn());
    Ok(holds.map_err(DbError::from)?)
}

/// Whether a hold on the file stands.
pub(crate) fn is_held(tx: &mut TenantTx<'_>, file: FileId) -> Result<bool, DbError> {
    let standing = file_holds::table
        .filter(file_holds::tenant_id.eq(tx.tenant()))
        .filter(file_holds::file_id.eq(file))
        .filter(file_holds::released_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(standing)).get_result(tx.conn())?)
}

/// Whether a hold on the file of the row at hand stands.
macro_rules! held {
    ($tx:expr, $file:expr) => {
        diesel::dsl::exists(
            file_holds::table
                .filter(file_holds::tenant_id.eq($tx.tenant()))
                .filter(file_holds::file_id.eq($file))
                .filter(file_holds::released_at.is_null()),
        )
    };
}
pub(crate) use held;
