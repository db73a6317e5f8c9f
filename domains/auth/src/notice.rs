//! Telling the audit log and the person what happened to an account.

use crate::{Person, security_events::in_own_firm, standing::own_firm};
use chrono::SecondsFormat;
use db::{AuthTx, DbError};
use kernel::ids::TenantId;
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;

/// Notes in one of the person's firms what happened, with a mail to the person's present address.
pub(crate) fn tell(
    tx: &mut AuthTx<'_>,
    tenant: TenantId,
    person: &Person,
    (action, template): (&'static str, Template),
) -> Result<(), DbError> {
    in_own_firm(tx, tenant, action, person.id)?;
    let params = json!({ "at": tx.now().to_rfc3339_opts(SecondsFormat::Secs, true) });
    let mail = NewMail { to: person.email.clone(), template, locale: person.locale, params, dedupe_key: None };
    let scope = own_firm(tx, tenant);
    tx.in_tenant(&scope, |tx| queue_mail(tx, &mail))
}
