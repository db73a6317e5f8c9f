//! What administrators do, in the platform's own audit chain.

use audit::{Audited, TellsPlatform};
use auth::Authority;
use db::{AuthTx, DbError, PlatformTx, TenantScope};
use kernel::{Actor, ids::TenantId};
use serde_json::{Value, json};

/// What second factors are sealed for.
const SEALED_FOR: &str = "administrator_totp";

/// The scope of the check of a chain. One of the few places that grant a scope: only audit rows are read under it.
pub(crate) const fn acting_in(tenant: TenantId, actor: Actor) -> TenantScope {
    TenantScope::grant(tenant, actor)
}

/// Notes an administrator's call in the platform's chain.
pub(crate) fn record(
    tx: &mut PlatformTx<'_>,
    action: &'static str,
    object: impl ToString,
    detail: Value,
) -> Result<(), DbError> {
    tx.in_platform_chain(|tx| tx.audit(action, object, detail))
}

/// Notes what happened to an administrator's account in the platform's chain, which begins with the first of them.
pub(crate) fn record_account(tx: &mut AuthTx<'_>, action: &'static str, object: impl ToString) -> Result<(), DbError> {
    tx.in_platform_chain(|tx| tx.audit(action, object, json!({})))
}

/// Notes what an administrator, or somebody who is none, was refused.
pub(crate) fn record_refusal(tx: &mut AuthTx<'_>, action: &'static str, object: impl ToString) -> Result<(), DbError> {
    tx.in_platform_chain(|tx| tx.audit_refused(action, object, json!({})))
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
