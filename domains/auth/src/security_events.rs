//! What the audit logs are told of people who are not signed in. Whoever asks learns nothing: where nobody is known, the
//! platform's own chain gets the line that a firm's would have got, which also takes as long.

use crate::standing::own_firm;
use audit::{Audited, TellsPlatform};
use db::{AuthTx, DbError};
use kernel::ids::{TenantId, UserId};
use serde_json::json;

/// A log-in failed: tells every firm of the person whose account it was about.
pub(crate) fn log_in_failed(tx: &mut AuthTx<'_>, user: Option<UserId>) -> Result<(), DbError> {
    const ACTION: &str = "auth.log_in_failed";
    match user {
        Some(user) => in_all_firms(tx, ACTION, user),
        None => in_vain(tx, ACTION),
    }
}

/// A person's password was right, and the code after it was not.
pub(crate) fn code_refused(tx: &mut AuthTx<'_>, user: UserId) -> Result<(), DbError> {
    in_all_firms(tx, "auth.code_refused", user)
}

/// Somebody tried in vain to be a person.
fn in_all_firms(tx: &mut AuthTx<'_>, action: &'static str, user: UserId) -> Result<(), DbError> {
    let firms = tenants::memberships(tx, user)?;
    if firms.is_empty() {
        return in_vain(tx, action);
    }
    firms.into_iter().try_for_each(|firm| {
        let scope = own_firm(tx, firm);
        tx.in_tenant(&scope, |tx| tx.audit_refused(action, user, json!({})))
    })
}

/// A person's password was right, and a code is still to come: tells the firm they chose last.
pub(crate) fn password_accepted(tx: &mut AuthTx<'_>, user: UserId) -> Result<(), DbError> {
    const ACTION: &str = "auth.password_accepted";
    match tenants::memberships(tx, user)?.first().copied() {
        Some(firm) => in_own_firm(tx, firm, ACTION, user),
        None => in_vain(tx, ACTION),
    }
}

/// Something was done to a person's account for somebody who is not signed in.
pub(crate) fn in_own_firm(
    tx: &mut AuthTx<'_>,
    firm: TenantId,
    action: &'static str,
    user: UserId,
) -> Result<(), DbError> {
    let scope = own_firm(tx, firm);
    tx.in_tenant(&scope, |tx| tx.audit(action, user, json!({})))
}

/// Something was asked for that concerns nobody.
pub(crate) fn in_vain(tx: &mut AuthTx<'_>, action: &'static str) -> Result<(), DbError> {
    tx.in_platform_chain(|tx| tx.audit_refused(action, "unknown", json!({})))
}
