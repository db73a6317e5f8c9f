//! Telling the audit log and the person what happened to an account.

use crate::{Person, standing::own_firm};
use audit::Audited;
use chrono::SecondsFormat;
use db::{AuthTx, DbError};
use kernel::ids::{TenantId, UserId};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;

/// Notes in one of the person's firms what happened.
pub(crate) fn note(tx: &mut AuthTx<'_>, tenant: TenantId, action: &'static str, user: UserId) -> Result<(), DbError> {
    let scope = own_firm(tx, tenant);
    tx.in_tenant(&scope, |tx| tx.audit(action, user, json!({})))
}

/// The same, with a mail to the person's present address.
pub(crate) fn tell(
    tx: &mut AuthTx<'_>,
    tenant: TenantId,
    person: &Person,
    (action, template): (&'static str, Template),
) -> Result<(), DbError> {
    note(tx, tenant, action, person.id)?;
    let params = json!({ "at": tx.now().to_rfc3339_opts(SecondsFormat::Secs, true) });
    let mail = NewMail { to: person.email.clone(), template, locale: person.locale, params, dedupe_key: None };
    let scope = own_firm(tx, tenant);
    tx.in_tenant(&scope, |tx| queue_mail(tx, &mail))
}
