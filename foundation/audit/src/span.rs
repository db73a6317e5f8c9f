//! Runs of rows in the order of the chain, for exports and for the check.

use crate::{Head, Row};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{audit_log, heads},
};
use diesel::{
    dsl::{max, min},
    prelude::*,
};

/// A run of rows without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The number before the first row.
    pub before: i64,
    /// The last row.
    pub last: Head,
}

/// The tenant's last row, as its head has it.
pub fn head(tx: &mut TenantTx<'_>) -> Result<Head, DbError> {
    let found: Option<(i64, Vec<u8>)> = heads::table
        .filter(heads::tenant_id.eq(tx.tenant()))
        .select((heads::audit_seq, heads::audit_hash))
        .first(tx.conn())
        .optional()?;
    Ok(found.map_or_else(Head::origin, |(seq, hash)| Head { seq, hash: hex::encode(hash) }))
}

/// The shortest run of rows that holds all of a time (`from` on, before `to`). Rows are numbered when they commit and dated
/// when their transaction began, so some at either end may be a little outside.
pub fn span(tx: &mut TenantTx<'_>, (from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) -> Result<Span, DbError> {
    if from.is_none() && to.is_none() {
        return Ok(Span { before: 0, last: head(tx)? });
    }
    let mut query =
        audit_log::table.filter(audit_log::tenant_id.eq(tx.tenant())).select((min(audit_log::seq), max(audit_log::seq))).into_boxed();
    if let Some(from) = from {
        query = query.filter(audit_log::at.ge(from));
    }
    if let Some(to) = to {
        query = query.filter(audit_log::at.lt(to));
    }
    let (Some(first), Some(last)): (Option<i64>, Option<i64>) = query.first(tx.conn())? else {
        return Ok(Span { before: 0, last: Head::origin() });
    };
    let hash: Vec<u8> = audit_log::table
        .filter(audit_log::tenant_id.eq(tx.tenant()))
        .filter(audit_log::seq.eq(last))
        .select(audit_log::hash)
        .first(tx.conn())?;
    Ok(Span { before: first - 1, last: Head { seq: last, hash: hex::encode(hash) } })
}

/// The next rows of a run.
pub fn rows_after(tx: &mut TenantTx<'_>, after: i64, last: i64, at_most: i64) -> Result<Vec<Row>, DbError> {
    Ok(audit_log::table
        .filter(audit_log::tenant_id.eq(tx.tenant()))
        .filter(audit_log::seq.gt(after))
        .filter(audit_log::seq.le(last))
        .order(audit_log::seq)
        .limit(at_most)
        .select(Row::as_select())
        .load(tx.conn())?)
}
