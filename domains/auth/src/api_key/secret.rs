//! The digests that open a key.

use super::token::ApiKeyToken;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::api_key_secrets};
use diesel::{dsl::case_when, prelude::*};
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
pub(crate) fn end_all(tx: &mut TenantTx<'_>, key: ApiKeyId, end: DateTime<Utc>) -> Result<usize, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let later = api_key_secrets::ends_at.is_null().or(api_key_secrets::ends_at.gt(end));
    let mine = api_key_secrets::table
        .filter(api_key_secrets::tenant_id.eq(tenant))
        .filter(api_key_secrets::key_id.eq(key));
    diesel::delete(mine.filter(api_key_secrets::ends_at.le(now))).execute(tx.conn())?;
    if end <= now {
        forget(tx, key)?;
        return Ok(0);
    }
    let ends_at = case_when(later, end).otherwise(api_key_secrets::ends_at.assume_not_null());
    Ok(diesel::update(mine).set(api_key_secrets::ends_at.eq(ends_at.nullable())).execute(tx.conn())?)
}

/// Forgets all tokens of a key: none opens it from now on.
pub(crate) fn forget(tx: &mut TenantTx<'_>, key: ApiKeyId) -> Result<(), DbError> {
    let mine = api_key_secrets::table
        .filter(api_key_secrets::tenant_id.eq(tx.tenant()))
        .filter(api_key_secrets::key_id.eq(key));
    diesel::delete(mine).execute(tx.conn())?;
    Ok(())
}
