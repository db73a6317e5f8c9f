//! The digests that open a key.

use super::token::ApiKeyToken;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::api_key_secrets};
use diesel::prelude::*;
use kernel::ids::ApiKeyId;

/// Stores the digest of a key's new present token.
pub(crate) fn insert(tx: &mut TenantTx<'_>, token: &ApiKeyToken) -> Result<(), DbError> {
    let row = (
        api_key_secrets::key_id.eq(token.key),
        api_key_secrets::digest.eq(token.digest().to_vec()),
        api_key_secrets::created_at.eq(tx.now()),
    );
    diesel::insert_into(api_key_secrets::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Lets all tokens of a key end at `end` at the latest, forgets those that have ended, and returns how many still work.
pub(crate) fn end_all(tx: &mut TenantTx<'_>, key: ApiKeyId, end: DateTime<Utc>) -> Result<u64, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    if end <= now {
        forget(tx, key)?;
        return Ok(0);
    }
    let mine =
        api_key_secrets::table.filter(api_key_secrets::tenant_id.eq(tenant)).filter(api_key_secrets::key_id.eq(key));
    diesel::delete(mine.filter(api_key_secrets::ends_at.le(now))).execute(tx.conn())?;
    let longer = api_key_secrets::ends_at.is_null().or(api_key_secrets::ends_at.gt(end));
    diesel::update(mine.filter(longer)).set(api_key_secrets::ends_at.eq(end)).execute(tx.conn())?;
    let left: i64 = mine.count().get_result(tx.conn())?;
    DbError::count(Some(left))
}

/// Forgets all tokens of a key: none opens it from now on.
pub(crate) fn forget(tx: &mut TenantTx<'_>, key: ApiKeyId) -> Result<(), DbError> {
    let mine = api_key_secrets::table
        .filter(api_key_secrets::tenant_id.eq(tx.tenant()))
        .filter(api_key_secrets::key_id.eq(key));
    diesel::delete(mine).execute(tx.conn())?;
    Ok(())
}
