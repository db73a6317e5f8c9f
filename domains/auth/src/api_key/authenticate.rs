//! Who is behind a key, read anew with every request: what was taken away is gone with the next one, on every node (INV-I4).

use super::{AllowedAddresses, token::ApiKeyToken};
use crate::{AuthenticateError, Principal, RequestMeta, Who};
use ::tenants::TenantStatus;
use chrono::{DateTime, Duration, Utc};
use db::{
    Db, DbError, TenantScope, TenantTx,
    schema::{api_key_secrets, api_keys, tenants},
};
use diesel::prelude::*;
use kernel::{
    ids::ApiKeyId,
    permission::{Permission, Permissions},
};
use subtle::ConstantTimeEq;

/// `last_used_at` is written at most once in this time.
const USE_NOTED: Duration = Duration::minutes(1);

/// The program behind a key's token. A token of no key, a wrong secret, and a key that has ended look the same from outside.
pub(crate) async fn authenticate_program(
    db: &Db,
    token: ApiKeyToken,
    request: RequestMeta,
) -> Result<Principal, AuthenticateError> {
    // Nothing but the key that the token names is read, or noted as used, under this scope.
    let scope = TenantScope::grant(token.tenant, request.program(token.key));
    db.tenant("auth.authenticate_program", scope, move |tx| identify(tx, &token, request)).await
}

fn identify(tx: &mut TenantTx<'_>, token: &ApiKeyToken, request: RequestMeta) -> Result<Principal, AuthenticateError> {
    let found = find(tx, token.key)?;
    let digest = token.digest();
    let right = found.into_iter().find(|held| bool::from(held.digest.ct_eq(&digest)));
    let Held { scopes, ip_allow_list, last_used_at, status, .. } = right.ok_or(AuthenticateError::NotSignedIn)?;
    if !AllowedAddresses::stored(&ip_allow_list)?.admit(request.ip) {
        return Err(AuthenticateError::AddressNotAllowed);
    }
    if last_used_at.is_none_or(|at| tx.now() - at >= USE_NOTED) {
        note_use(tx, token.key)?;
    }
    Ok(Principal {
        who: Who::Program(token.key),
        tenant_id: token.tenant,
        permissions: scopes.into_iter().filter(|scope| scope.suits_programs()).collect::<Permissions>(),
        email_verified: true,
        tenant_status: status,
        request,
    })
}

/// A key with one of the digests that open it.
#[derive(Queryable)]
struct Held {
    scopes: Vec<Permission>,
    ip_allow_list: Vec<String>,
    last_used_at: Option<DateTime<Utc>>,
    digest: Vec<u8>,
    status: TenantStatus,
}

/// A key that has not ended, once for each of its tokens that has not.
fn find(tx: &mut TenantTx<'_>, key: ApiKeyId) -> Result<Vec<Held>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let of_key = api_keys::tenant_id.eq(api_key_secrets::tenant_id).and(api_keys::id.eq(api_key_secrets::key_id));
    Ok(api_key_secrets::table
        .inner_join(api_keys::table.on(of_key))
        .inner_join(tenants::table.on(tenants::id.eq(api_keys::tenant_id)))
        .filter(api_key_secrets::tenant_id.eq(tenant))
        .filter(api_key_secrets::key_id.eq(key))
        .filter(api_key_secrets::ends_at.is_null().or(api_key_secrets::ends_at.gt(now)))
        .filter(tenants::status.ne(TenantStatus::Closed))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
        .select((
            api_keys::scopes,
            api_keys::ip_allow_list,
            api_keys::last_used_at,
            api_key_secrets::digest,
            tenants::status,
        ))
        .load(tx.conn())?)
}

/// Of many requests at once, one writes.
fn note_use(tx: &mut TenantTx<'_>, key: ApiKeyId) -> Result<(), DbError> {
    let now = tx.now();
    let row = api_keys::table.filter(api_keys::tenant_id.eq(tx.tenant())).filter(api_keys::id.eq(key));
    let stale = api_keys::last_used_at.is_null().or(api_keys::last_used_at.le(now - USE_NOTED));
    diesel::update(row.filter(stale)).set(api_keys::last_used_at.eq(now)).execute(tx.conn())?;
    Ok(())
}
