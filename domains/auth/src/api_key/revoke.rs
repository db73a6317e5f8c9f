use super::{ApiKeyError, ApiKeyStatus, events::ApiKeyRevoked, read::lock, secret};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::api_keys};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::ApiKeyId;
use metering::Meter;
use serde_json::json;

/// Takes a key back for good: its tokens open nothing from the next request on. Repeating it changes nothing.
pub fn revoke_api_key(tx: &mut TenantTx<'_>, id: ApiKeyId) -> Result<(), ApiKeyError> {
    let key = lock(tx, id)?;
    if key.status(tx.now()) == ApiKeyStatus::Revoked {
        return Ok(());
    }
    store_revoked(tx, id)?;
    secret::forget(tx, id)?;
    metering::settle(tx, Meter::ApiKeys, 0, -1)?;
    tx.audit("api_key.revoked", id, json!({}))?;
    tx.emit(&ApiKeyRevoked { id })?;
    Ok(())
}

fn store_revoked(tx: &mut TenantTx<'_>, id: ApiKeyId) -> Result<(), DbError> {
    let now = tx.now();
    let row = api_keys::table.filter(api_keys::tenant_id.eq(tx.tenant())).filter(api_keys::id.eq(id));
    diesel::update(row)
        .set((
            api_keys::revoked_at.eq(now),
            api_keys::previous_until.eq(None::<DateTime<Utc>>),
            api_keys::updated_at.eq(now),
            api_keys::version.eq(api_keys::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}
