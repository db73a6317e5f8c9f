//! What every new firm gets.

use auth::Person;
use db::{AuthTx, DbError, TenantScope, TenantTx};
use kernel::{Actor, ids::TenantId, permission::Role};
use tenants::{EmailAddress, JoinError, NewMember, NewTenant, Tenant};

/// Founds a firm for a person who acts: its row, its owner and its plan, in the caller's transaction. One of the few places that
/// grant a scope: the firm comes into being under it.
pub(crate) fn found_firm(tx: &mut AuthTx<'_>, person: &Person, new: &NewTenant) -> Result<Tenant, DbError> {
    let scope = TenantScope::grant(tx.new_id::<TenantId>(), Actor::clone(tx.actor()));
    tx.in_tenant(&scope, |tx| furnish(tx, person, new))
}

fn furnish(tx: &mut TenantTx<'_>, person: &Person, new: &NewTenant) -> Result<Tenant, DbError> {
    let tenant = tenants::create(tx, new)?;
    // The plan brings the limits, which the first member counts against.
    billing::start_subscription(tx)?;
    tenants::join(tx, &owner(person)?).map_err(|error| match error {
        JoinError::LimitReached { .. } => DbError::Corrupt("the default plan allows no member".into()),
        JoinError::Db(error) => error,
    })?;
    Ok(tenant)
}

fn owner(person: &Person) -> Result<NewMember, DbError> {
    Ok(NewMember {
        user: person.id,
        email: stored_email(person)?,
        display_name: person.display_name.clone(),
        locale: person.locale,
        role: Role::Owner.into(),
    })
}

/// A stored address was checked before it was stored.
pub(crate) fn stored_email(person: &Person) -> Result<EmailAddress, DbError> {
    person.email.parse().map_err(|_| DbError::Corrupt("a stored e-mail address is malformed".into()))
}
