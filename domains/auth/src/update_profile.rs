use crate::{Person, Principal, SignedInPerson, find_person, security_events::in_own_firm, standing::own_firm};
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use tenants::{Locale, PersonCopy, copy_person};

/// Changes of a person; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateProfile {
    /// What they are called.
    pub display_name: Option<String>,
    /// The language they read.
    pub locale: Option<Locale>,
}

impl UpdateProfile {
    /// Whether a person is as wanted already.
    fn is_done(&self, person: &Person) -> bool {
        self.display_name.as_ref().is_none_or(|name| *name == person.display_name)
            && self.locale.is_none_or(|locale| locale == person.locale)
    }
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Changes<'a> {
    display_name: Option<&'a str>,
    locale: Option<Locale>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// Changes a signed-in person, and the copies of them in their firms. What is so already stays as it is. `None` if they are gone.
pub async fn update_profile(
    db: &Db,
    principal: &Principal<SignedInPerson>,
    command: &UpdateProfile,
) -> Result<Option<Person>, DbError> {
    let (principal, command) = (*principal, command.clone());
    db.auth("auth.update_profile", principal.actor(), move |tx| {
        let user = principal.who.user_id;
        let Some(present) = find_person(tx, user)? else { return Ok(None) };
        if command.is_done(&present) {
            return Ok(Some(present));
        }
        let changes =
            Changes { display_name: command.display_name.as_deref(), locale: command.locale, updated_at: tx.now() };
        diesel::update(users::table.filter(users::id.eq(user))).set(changes).execute(tx.conn())?;
        let Some(person) = find_person(tx, user)? else { return Ok(None) };
        copy_to_firms(tx, &person)?;
        in_own_firm(tx, principal.tenant_id, "auth.profile_changed", user)?;
        Ok(Some(person))
    })
    .await
}

/// Brings the copies of a person in all their firms up to date.
pub(crate) fn copy_to_firms(tx: &mut AuthTx<'_>, person: &Person) -> Result<(), DbError> {
    let copy = PersonCopy {
        user: person.id,
        email: person.email.parse().map_err(|_| DbError::Corrupt("a stored e-mail address is malformed".into()))?,
        display_name: person.display_name.clone(),
        locale: person.locale,
    };
    for tenant in tenants::memberships(tx, person.id)? {
        let scope = own_firm(tx, tenant);
        tx.in_tenant(&scope, |tx| copy_person(tx, &copy))?;
    }
    Ok(())
}
