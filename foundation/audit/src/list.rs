//! Reading the log, newest first.

use crate::Row;
use chrono::{DateTime, Utc};
use db::{DbError, PlatformTx, TenantTx, schema::audit_log};
use diesel::{PgConnection, PgTextExpressionMethods, prelude::*};
use kernel::{
    ids::{RequestId, TenantId},
    pages::{Page, PageRequest},
};

/// Which rows are wanted; an absent member means all.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Rows of this action.
    pub action: Option<String>,
    /// Rows about this object.
    pub object: Option<String>,
    /// Rows of this actor: a person's, key's, administrator's or job's id.
    pub actor: Option<String>,
    /// Rows of this request.
    pub request: Option<RequestId>,
    /// Rows from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Rows before this instant.
    pub to: Option<DateTime<Utc>>,
    /// Rows with this in their action, object or actor.
    pub q: Option<String>,
}

/// The tenant's rows, newest first; a page's key is the row's number.
pub fn list(tx: &mut TenantTx<'_>, wanted: &Wanted, page: &PageRequest<i64>) -> Result<Page<Row, i64>, DbError> {
    let tenant = tx.tenant();
    load(tx.conn(), tenant, wanted, page)
}

/// The same of any tenant, or of [`crate::platform_chain`], for administrators.
pub fn list_of(
    tx: &mut PlatformTx<'_>,
    tenant: TenantId,
    wanted: &Wanted,
    page: &PageRequest<i64>,
) -> Result<Page<Row, i64>, DbError> {
    load(tx.conn(), tenant, wanted, page)
}

fn load(
    conn: &mut PgConnection,
    tenant: TenantId,
    wanted: &Wanted,
    page: &PageRequest<i64>,
) -> Result<Page<Row, i64>, DbError> {
    let mut query = audit_log::table
        .filter(audit_log::tenant_id.eq(tenant))
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
    if let Some(actor) = &wanted.actor {
        query = query.filter(audit_log::actor_id.eq(actor));
    }
    if let Some(request) = wanted.request {
        query = query.filter(audit_log::request_id.eq(request));
    }
    if let Some(from) = wanted.from {
        query = query.filter(audit_log::at.ge(from));
    }
    if let Some(to) = wanted.to {
        query = query.filter(audit_log::at.lt(to));
    }
    if let Some(q) = &wanted.q {
        let part = format!("%{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        let named = audit_log::action.ilike(part.clone()).or(audit_log::object.ilike(part.clone()));
        query = query.filter(named.or(audit_log::actor_id.ilike(part)));
    }
    Ok(Page::of(query.load(conn)?, page, |row| row.seq))
}
