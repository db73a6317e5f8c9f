//! The platform's own audit chain: that of a tenant with the nil id, which no firm has.

use audit::Audited;
use auth::Authority;
use db::{AuthTx, DbError, PlatformTx, TenantScope, schema::heads};
use diesel::prelude::*;
use kernel::ids::{Id, TenantId};
use serde_json::Value;
use uuid::Uuid;

/// What second factors are sealed for.
const SEALED_FOR: &str = "administrator_totp";

/// The scope of the platform's own chain. One of the few places that grant a scope: no firm's rows are seen under it.
fn scope(actor: &kernel::Actor) -> TenantScope {
    TenantScope::grant(TenantId::from_uuid(Uuid::nil()), actor.clone())
}

/// Notes an administrator's call in the platform's chain.
pub(crate) fn record(
    tx: &mut PlatformTx<'_>,
    action: &'static str,
    object: impl ToString,
    detail: Value,
) -> Result<(), DbError> {
    let scope = scope(tx.actor());
    tx.in_tenant(&scope, |tx| tx.audit(action, object, detail))
}

/// Notes what happened to an administrator's account in the platform's chain, which begins with the first of them.
pub(crate) fn record_account(tx: &mut AuthTx<'_>, action: &'static str, object: impl ToString) -> Result<(), DbError> {
    let scope = scope(tx.actor());
    tx.in_tenant(&scope, |tx| {
        let head = diesel::insert_into(heads::table).values(heads::tenant_id.eq(tx.tenant()));
        head.on_conflict_do_nothing().execute(tx.conn())?;
        tx.audit(action, object, Value::Null)
    })
}

/// Encrypts a second factor for storing.
pub(crate) fn seal(authority: &Authority, secret: &auth::totp::TotpSecret) -> Result<Vec<u8>, DbError> {
    authority.master_key.seal(SEALED_FOR, secret.bytes()).map_err(|error| DbError::Corrupt(error.to_string()))
}

/// Opens a stored second factor.
pub(crate) fn open(authority: &Authority, sealed: &[u8]) -> Result<auth::totp::TotpSecret, DbError> {
    let bytes = authority.master_key.open(SEALED_FOR, sealed).map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(auth::totp::TotpSecret::of_bytes(bytes.expose().clone()))
}
