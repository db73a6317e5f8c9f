//! Reading the log, newest first.

use crate::Row;
use db::{DbError, TenantTx, schema::audit_log};
use diesel::prelude::*;
use kernel::pages::{Page, PageRequest};

/// Which rows are wanted; an absent member means all.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Rows of this action.
    pub action: Option<String>,
    /// Rows about this object.
    pub object: Option<String>,
    /// Rows of this actor.
    pub actor_id: Option<String>,
}

/// The tenant's rows, newest first; a page's key is the row's number.
pub fn list(tx: &mut TenantTx<'_>, wanted: &Wanted, page: &PageRequest<i64>) -> Result<Page<Row, i64>, DbError> {
    let mut query = audit_log::table
        .filter(audit_log::tenant_id.eq(tx.tenant()))
        .order(audit_log::seq.desc())
        .limit(page.fetch())
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = page.after {
        query = query.filter(audit_log::seq.lt(before));
    }
    if let Some(action) = &wanted.action {
        query = query.filter(audit_log::action.eq(action));
    }
    if let Some(object) = &wanted.object {
        query = query.filter(audit_log::object.eq(object));
    }
    if let Some(actor) = &wanted.actor_id {
        query = query.filter(audit_log::actor_id.eq(actor));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row| row.seq))
}
