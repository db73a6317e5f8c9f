use crate::{Person, Principal, SignedInPerson, security_events::in_own_firm, standing::own_firm};
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::ids::UserId;
use tenants::{Locale, PersonCopy, copy_person};

/// Changes of a person; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateProfile {
    /// Refuse if the person has another version by now.
    pub if_version: Option<i64>,
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

/// Why a person was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    /// The person has no account any more.
    #[error("the person is gone")]
    Gone,
    /// The person was changed since they were read.
    #[error("the person has another version")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Changes<'a> {
    display_name: Option<&'a str>,
    locale: Option<Locale>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// Changes a signed-in person, and the copies of them in their firms. What is so already stays as it is.
pub async fn update_profile(
    db: &Db,
    principal: &Principal<SignedInPerson>,
    command: &UpdateProfile,
) -> Result<Person, UpdateProfileError> {
    let (principal, command) = (*principal, command.clone());
    db.auth("auth.update_profile", principal.actor(), move |tx| {
        let user = principal.who.user_id;
        let present = lock(tx, user)?.ok_or(UpdateProfileError::Gone)?;
        if command.is_done(&present) {
            return Ok(present);
        }
        if command.if_version.is_some_and(|seen| seen != present.version) {
            return Err(UpdateProfileError::Stale);
        }
        let person = apply(tx, user, &command)?;
        copy_to_firms(tx, &person)?;
        in_own_firm(tx, principal.tenant_id, "auth.profile_changed", user)?;
        Ok(person)
    })
    .await
}

fn lock(tx: &mut AuthTx<'_>, user: UserId) -> Result<Option<Person>, DbError> {
    let person = users::table.filter(users::id.eq(user)).select(Person::as_select());
    Ok(person.for_no_key_update().first(tx.conn()).optional()?)
}

fn apply(tx: &mut AuthTx<'_>, user: UserId, command: &UpdateProfile) -> Result<Person, DbError> {
    let changes =
        Changes { display_name: command.display_name.as_deref(), locale: command.locale, updated_at: tx.now() };
    Ok(diesel::update(users::table.filter(users::id.eq(user)))
        .set((changes, users::version.eq(users::version + 1)))
        .returning(Person::as_returning())
        .get_result(tx.conn())?)
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
