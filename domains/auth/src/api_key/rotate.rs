use super::{
    ApiKey, ApiKeyError, ApiKeyStatus, KeyMaker, events::ApiKeyRotated, read::lock_unrevoked, secret,
    token::ApiKeyToken,
};
use audit::Audited;
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::api_keys};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{ids::ApiKeyId, secrets::Secret};
use serde_json::json;

/// The longest that an old token may work beside the new one.
pub const LONGEST_OVERLAP: Duration = Duration::days(7);
/// Tokens of one key that may work at once: the present one and some before it.
const MOST_TOKENS: u64 = 5;

/// Gives a key a new token.
#[derive(Debug, Clone)]
pub struct RotateApiKey {
    /// The key.
    pub id: ApiKeyId,
    /// How long the tokens it has work on, from nothing to seven days.
    pub overlap: Duration,
    /// Who rotates it.
    pub by: KeyMaker,
}

/// Gives a key a new token, which works at once. The tokens it had work on for the overlap, then no more (INV-I8).
pub fn rotate_api_key(tx: &mut TenantTx<'_>, command: &RotateApiKey) -> Result<(ApiKey, Secret), ApiKeyError> {
    let key = lock_unrevoked(tx, command.id)?;
    // Whoever gets the new token can do what the key can.
    command.by.may_grant(key.permissions())?;
    if key.status(tx.now()) == ApiKeyStatus::Expired {
        return Err(ApiKeyError::Expired);
    }
    let previous_until = tx.now() + command.overlap.clamp(Duration::zero(), LONGEST_OVERLAP);
    if secret::end_all(tx, key.id, previous_until)? >= MOST_TOKENS {
        return Err(ApiKeyError::TooManyTokens);
    }
    let token = ApiKeyToken::generate(tx.tenant(), key.id)?;
    secret::insert(tx, &token)?;
    let rotated = store(tx, &token, previous_until)?;
    tx.audit("api_key.rotated", key.id, json!({ "previous_until": previous_until }))?;
    tx.emit(&ApiKeyRotated { id: key.id, previous_until })?;
    Ok((rotated, token.text))
}

fn store(tx: &mut TenantTx<'_>, token: &ApiKeyToken, previous_until: DateTime<Utc>) -> Result<ApiKey, DbError> {
    let now = tx.now();
    let row = api_keys::table.filter(api_keys::tenant_id.eq(tx.tenant())).filter(api_keys::id.eq(token.key));
    Ok(diesel::update(row)
        .set((
            api_keys::last4.eq(token.last4()),
            api_keys::rotated_at.eq(now),
            api_keys::previous_until.eq(previous_until),
            api_keys::updated_at.eq(now),
            api_keys::version.eq(api_keys::version + 1),
        ))
        .returning(ApiKey::as_returning())
        .get_result(tx.conn())?)
}
