use crate::Template;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::notifications};
use diesel::prelude::*;
use kernel::{
    ids::{NotificationId, UserId},
    pages::{Page, PageRequest},
};
use serde_json::Value;

/// A notice in a member's inbox.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// What it says.
    pub template: Template,
    /// The template's parameters.
    pub params: Value,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it was read, if it was.
    pub read_at: Option<DateTime<Utc>>,
}

/// A member's notices, newest first.
pub fn list(
    tx: &mut TenantTx<'_>,
    user: UserId,
    page: &PageRequest<NotificationId>,
) -> Result<Page<Notification, NotificationId>, DbError> {
    let mut query = notifications::table
        .filter(notifications::tenant_id.eq(tx.tenant()))
        .filter(notifications::user_id.eq(user))
        .order(notifications::id.desc())
        .limit(page.fetch())
        .select(Notification::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(notifications::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row| row.id))
}

/// Why a notice was not marked.
#[derive(Debug, thiserror::Error)]
pub enum MarkReadError {
    /// The member has no such notice.
    #[error("no such notice")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Marks one notice as read.
pub fn mark_read(tx: &mut TenantTx<'_>, user: UserId, id: NotificationId) -> Result<Notification, MarkReadError> {
    set_read(tx, user, id)?.ok_or(MarkReadError::NotFound)
}

fn set_read(tx: &mut TenantTx<'_>, user: UserId, id: NotificationId) -> Result<Option<Notification>, DbError> {
    let now = tx.now();
    diesel::update(
        notifications::table
            .filter(notifications::tenant_id.eq(tx.tenant()))
            .filter(notifications::user_id.eq(user))
            .filter(notifications::id.eq(id))
            .filter(notifications::read_at.is_null()),
    )
    .set(notifications::read_at.eq(now))
    .execute(tx.conn())?;
    Ok(notifications::table
        .filter(notifications::tenant_id.eq(tx.tenant()))
        .filter(notifications::user_id.eq(user))
        .filter(notifications::id.eq(id))
        .select(Notification::as_select())
        .first(tx.conn())
        .optional()?)
}

/// Marks all of a member's notices as read; returns how many were not.
pub fn mark_all_read(tx: &mut TenantTx<'_>, user: UserId) -> Result<usize, DbError> {
    let now = tx.now();
    Ok(diesel::update(
        notifications::table
            .filter(notifications::tenant_id.eq(tx.tenant()))
            .filter(notifications::user_id.eq(user))
            .filter(notifications::read_at.is_null()),
    )
    .set(notifications::read_at.eq(now))
    .execute(tx.conn())?)
}
