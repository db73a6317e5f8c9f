use crate::found::found_firm;
use auth::find_person;
use db::{DbError, TenantTx};
use kernel::ids::UserId;
use tenants::{NewTenant, Tenant};

/// Founds another firm for a person who acts in one of theirs, and who becomes its owner. They enter it by switching to it.
pub fn open_firm(tx: &mut TenantTx<'_>, user: UserId, new: &NewTenant) -> Result<Tenant, DbError> {
    tx.in_auth(|tx| {
        let person = find_person(tx, user)?.ok_or_else(|| DbError::Corrupt("a signed-in person is gone".into()))?;
        found_firm(tx, &person, new)
    })
}
