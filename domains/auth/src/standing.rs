//! Whether a person may act in a firm at present, read anew each time (INV-I4).

use db::{AuthTx, DbError, TenantScope, schema::users};
use diesel::prelude::*;
use kernel::ids::{TenantId, UserId};
use tenants::{Membership, TenantStatus};

/// The right to look up a person's own membership, and to write what concerns their session, in a firm. One of the few places
/// that grant a scope: nothing else of the firm is read under it.
pub(crate) fn own_firm(tx: &AuthTx<'_>, tenant: TenantId) -> TenantScope {
    TenantScope::grant(tenant, tx.actor().clone())
}

/// The standing of a person who is not disabled in a firm they belong to and that is not closed.
pub(crate) fn standing(tx: &mut AuthTx<'_>, user: UserId, tenant: TenantId) -> Result<Option<Membership>, DbError> {
    if !is_enabled(tx, user)? {
        return Ok(None);
    }
    membership(tx, user, tenant)
}

/// The membership alone, for callers that have looked at the person already.
pub(crate) fn membership(tx: &mut AuthTx<'_>, user: UserId, tenant: TenantId) -> Result<Option<Membership>, DbError> {
    let scope = own_firm(tx, tenant);
    let found = tx.in_tenant(&scope, |tx| tenants::membership(tx, user))?;
    Ok(found.filter(|membership| membership.tenant.status != TenantStatus::Closed))
}

fn is_enabled(tx: &mut AuthTx<'_>, user: UserId) -> Result<bool, DbError> {
    let query = users::table.filter(users::id.eq(user)).filter(users::disabled_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(query)).get_result(tx.conn())?)
}
