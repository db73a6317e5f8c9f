use super::{
    AllowedAddresses, ApiKey, ApiKeyError, KeyMaker,
    key::{check_expiry, check_scopes},
    read::lock_unrevoked,
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::api_keys};
use diesel::prelude::*;
use kernel::{ids::ApiKeyId, permission::Permissions};
use serde_json::json;

/// Changes of a key; what is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct UpdateApiKey {
    /// The key.
    pub id: ApiKeyId,
    /// Refuse if the key has another version by now.
    pub if_version: Option<i64>,
    /// New name.
    pub name: Option<String>,
    /// What it may do.
    pub scopes: Option<Permissions>,
    /// When its time is over; `Some(None)`: never.
    pub expires_at: Option<Option<DateTime<Utc>>>,
    /// Where it may be used.
    pub addresses: Option<AllowedAddresses>,
    /// Who changes it.
    pub by: KeyMaker,
}

/// A key as it will be.
struct Wanted {
    name: String,
    scopes: Permissions,
    expires_at: Option<DateTime<Utc>>,
    addresses: AllowedAddresses,
}

/// Changes a key, from its next request on. To let it do more, last longer or be used from elsewhere is like making it anew: it
/// takes somebody who may do all of it, has a verified address and showed lately who they are. What is so already stays as it is:
/// the same request again, whose first answer was lost, has no second effect.
pub fn update_api_key(tx: &mut TenantTx<'_>, command: &UpdateApiKey) -> Result<ApiKey, ApiKeyError> {
    let key = lock_unrevoked(tx, command.id)?;
    let wanted = Wanted {
        name: command.name.clone().unwrap_or_else(|| key.name.clone()),
        scopes: command.scopes.unwrap_or_else(|| key.permissions()),
        expires_at: command.expires_at.unwrap_or(key.expires_at),
        addresses: command.addresses.clone().map_or_else(|| key.addresses(), Ok)?,
    };
    if wanted.is_so(&key)? {
        return Ok(key);
    }
    if command.if_version.is_some_and(|seen| seen != key.version) {
        return Err(ApiKeyError::Stale);
    }
    if wanted.is_wider(&key)? {
        command.by.may_grant(wanted.scopes)?;
    }
    check_scopes(wanted.scopes)?;
    if command.expires_at.is_some() {
        check_expiry(wanted.expires_at, tx.now())?;
    }
    let changed = store(tx, command.id, &wanted)?;
    tx.audit(
        "api_key.updated",
        changed.id,
        json!({ "version": changed.version, "scopes": changed.scopes, "expires_at": changed.expires_at,
            "ip_allow_list": changed.ip_allow_list.len() }),
    )?;
    Ok(changed)
}

impl Wanted {
    /// Whether the key is as wanted already.
    fn is_so(&self, key: &ApiKey) -> Result<bool, DbError> {
        let same_addresses = self.addresses.texts() == key.addresses()?.texts();
        let same_rights = self.scopes == key.permissions() && self.expires_at == key.expires_at;
        Ok(same_addresses && same_rights && self.name == key.name)
    }

    /// Whether the key could do something then that it cannot do now.
    fn is_wider(&self, key: &ApiKey) -> Result<bool, DbError> {
        let longer = match (key.expires_at, self.expires_at) {
            (Some(before), Some(after)) => after > before,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let more = !key.permissions().covers(self.scopes);
        Ok(longer || more || !key.addresses()?.covers(&self.addresses))
    }
}

fn store(tx: &mut TenantTx<'_>, id: ApiKeyId, wanted: &Wanted) -> Result<ApiKey, DbError> {
    let row = api_keys::table.filter(api_keys::tenant_id.eq(tx.tenant())).filter(api_keys::id.eq(id));
    Ok(diesel::update(row)
        .set((
            api_keys::name.eq(&wanted.name),
            api_keys::scopes.eq(wanted.scopes.iter().collect::<Vec<_>>()),
            api_keys::ip_allow_list.eq(wanted.addresses.texts()),
            api_keys::expires_at.eq(wanted.expires_at),
            api_keys::updated_at.eq(tx.now()),
            api_keys::version.eq(api_keys::version + 1),
        ))
        .returning(ApiKey::as_returning())
        .get_result(tx.conn())?)
}
