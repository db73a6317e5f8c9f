use chrono::{DateTime, Utc};
use db::{AuthTx, DbError, schema::administrators};
use diesel::prelude::*;
use kernel::ids::AdminId;
use tenants::EmailAddress;

/// An administrator of the platform.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = administrators)]
pub struct Administrator {
    /// Their id.
    pub id: AdminId,
    /// Their address.
    pub email: String,
    /// Since when a second factor is confirmed.
    pub totp_confirmed_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// What signing in looks at.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = administrators)]
pub(crate) struct Credentials {
    pub(crate) id: AdminId,
    pub(crate) email: String,
    pub(crate) password_hash: String,
    pub(crate) sealed_totp: Option<Vec<u8>>,
    pub(crate) totp_confirmed_at: Option<DateTime<Utc>>,
    pub(crate) totp_last_step: i64,
}

/// The administrator with this id, unless disabled.
pub(crate) fn find(tx: &mut AuthTx<'_>, id: AdminId) -> Result<Option<Administrator>, DbError> {
    Ok(administrators::table
        .filter(administrators::id.eq(id))
        .filter(administrators::disabled_at.is_null())
        .select(Administrator::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The credentials behind an address, unless disabled.
pub(crate) fn credentials_by_email(tx: &mut AuthTx<'_>, email: &EmailAddress) -> Result<Option<Credentials>, DbError> {
    Ok(administrators::table
        .filter(administrators::email.eq(email.as_str()))
        .filter(administrators::disabled_at.is_null())
        .select(Credentials::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The credentials with this id, unless disabled; locked until the transaction ends, so that a code serves once.
pub(crate) fn lock_credentials(tx: &mut AuthTx<'_>, id: AdminId) -> Result<Option<Credentials>, DbError> {
    Ok(administrators::table
        .filter(administrators::id.eq(id))
        .filter(administrators::disabled_at.is_null())
        .select(Credentials::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}
