use crate::found::found_firm;
use auth::{Principal, find_person};
use db::{Db, DbError};
use tenants::{NewTenant, Tenant};

/// Founds another firm for a signed-in person, who becomes its owner. They enter it by switching to it.
pub async fn open_firm(db: &Db, principal: &Principal, new: &NewTenant) -> Result<Tenant, DbError> {
    let (user, new) = (principal.user_id, new.clone());
    db.auth("onboarding.open_firm", principal.actor(), move |tx| {
        let person = find_person(tx, user)?.ok_or_else(|| DbError::Corrupt("a signed-in person is gone".into()))?;
        found_firm(tx, &person, &new)
    })
    .await
}
