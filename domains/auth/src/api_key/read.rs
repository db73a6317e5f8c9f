use super::{ApiKey, ApiKeyError, ApiKeyStatus};
use db::{DbError, TenantTx, schema::api_keys};
use diesel::prelude::*;
use kernel::{
    ids::ApiKeyId,
    pages::{Page, PageRequest},
};

/// The firm's keys, newest first, those that are revoked too.
pub fn list_api_keys(tx: &mut TenantTx<'_>, page: &PageRequest<ApiKeyId>) -> Result<Page<ApiKey, ApiKeyId>, DbError> {
    let mut query = api_keys::table
        .filter(api_keys::tenant_id.eq(tx.tenant()))
        .order(api_keys::id.desc())
        .limit(page.fetch())
        .select(ApiKey::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(api_keys::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |key| key.id))
}

/// One key.
pub fn find_api_key(tx: &mut TenantTx<'_>, id: ApiKeyId) -> Result<ApiKey, ApiKeyError> {
    let key = api_keys::table
        .filter(api_keys::tenant_id.eq(tx.tenant()))
        .filter(api_keys::id.eq(id))
        .select(ApiKey::as_select())
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?;
    key.ok_or(ApiKeyError::NotFound)
}

/// One key, locked until the transaction ends.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: ApiKeyId) -> Result<ApiKey, ApiKeyError> {
    let key = api_keys::table
        .filter(api_keys::tenant_id.eq(tx.tenant()))
        .filter(api_keys::id.eq(id))
        .select(ApiKey::as_select())
        .for_update()
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?;
    key.ok_or(ApiKeyError::NotFound)
}

/// The same, if it is not revoked.
pub(crate) fn lock_unrevoked(tx: &mut TenantTx<'_>, id: ApiKeyId) -> Result<ApiKey, ApiKeyError> {
    let key = lock(tx, id)?;
    if key.status(tx.now()) == ApiKeyStatus::Revoked { Err(ApiKeyError::Revoked) } else { Ok(key) }
}
