use super::{
    AllowedAddresses, ApiKey, ApiKeyError, KeyMaker,
    events::ApiKeyCreated,
    key::{check_expiry, check_scopes},
    secret,
    token::ApiKeyToken,
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::api_keys};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{ids::ApiKeyId, permission::Permissions, secrets::Secret};
use metering::Meter;
use serde_json::json;

/// Makes a key for a program.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    /// What people will call it.
    pub name: String,
    /// What it may do.
    pub scopes: Permissions,
    /// When its time is over.
    pub expires_at: Option<DateTime<Utc>>,
    /// Where it may be used.
    pub addresses: AllowedAddresses,
    /// Who makes it.
    pub by: KeyMaker,
}

/// Makes a key, which counts against the firm's plan, and its token, of which only the digest is stored.
pub fn create_api_key(tx: &mut TenantTx<'_>, command: &CreateApiKey) -> Result<(ApiKey, Secret), ApiKeyError> {
    command.by.may_grant(command.scopes)?;
    check_scopes(command.scopes)?;
    check_expiry(command.expires_at, tx.now())?;
    metering::reserve(tx, Meter::ApiKeys, 1)?;
    metering::settle(tx, Meter::ApiKeys, 1, 1)?;
    let token = ApiKeyToken::generate(tx.tenant(), tx.new_id::<ApiKeyId>())?;
    let key = insert(tx, command, &token)?;
    secret::insert(tx, &token)?;
    tx.audit(
        "api_key.created",
        key.id,
        json!({ "scopes": key.scopes, "expires_at": key.expires_at, "ip_allow_list": key.ip_allow_list.len() }),
    )?;
    tx.emit(&ApiKeyCreated { id: key.id, scopes: command.scopes, expires_at: key.expires_at })?;
    Ok((key, token.text))
}

fn insert(tx: &mut TenantTx<'_>, command: &CreateApiKey, token: &ApiKeyToken) -> Result<ApiKey, DbError> {
    let row = (
        api_keys::id.eq(token.key),
        api_keys::name.eq(&command.name),
        api_keys::scopes.eq(command.scopes.iter().collect::<Vec<_>>()),
        api_keys::ip_allow_list.eq(command.addresses.texts()),
        api_keys::last4.eq(token.last4()),
        api_keys::created_by.eq(command.by.user),
        api_keys::created_at.eq(tx.now()),
        api_keys::updated_at.eq(tx.now()),
        api_keys::expires_at.eq(command.expires_at),
    );
    Ok(diesel::insert_into(api_keys::table).values(row).returning(ApiKey::as_returning()).get_result(tx.conn())?)
}
