use crate::{
    Authority, Password, Person, Principal, ProofError, SignedInPerson, VerifyEmailError,
    email_token::{EmailTokenPurpose, forget, queue_link},
    find_person, find_person_by_email,
    notice::tell,
    proof::check_password,
    security_events::in_own_firm,
    throttle::{self, Key, Throttled, UNPROVEN_MAIL},
    update_profile::copy_to_firms,
};
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::ids::UserId;
use notifications::Template;
use tenants::EmailAddress;

/// A signed-in person who wants another address.
#[derive(Debug, Clone)]
pub struct ChangeEmail {
    /// The address they want.
    pub email: EmailAddress,
    /// Their password, if it can be one at all.
    pub password: Option<Password>,
}

/// Why no link was sent to the new address.
#[derive(Debug, thiserror::Error)]
pub enum ChangeEmailError {
    /// The password was not shown.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The address has an account.
    #[error("the address has an account")]
    EmailTaken,
    /// Too many mails were asked for.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sends a link to the new address, which becomes the person's when it is followed, and not before.
pub async fn change_email(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
    command: &ChangeEmail,
) -> Result<(), ChangeEmailError> {
    let principal = *principal;
    check_password(db, authority, &principal, command.password.as_ref()).await?;
    let (signer, email) = (authority.clone(), command.email.clone());
    let keys =
        [Key::of(&["change_email", &principal.who.user_id.to_string()]), Key::of(&["change_email", email.as_str()])];
    db.auth("auth.change_email", principal.actor(), move |tx| {
        for key in &keys {
            if let Err(throttled) = throttle::charge(tx, key, &UNPROVEN_MAIL)? {
                return Ok::<_, DbError>(Err(throttled.into()));
            }
        }
        // Counted too, so that nobody tries out who has an account here.
        if find_person_by_email(tx, &email)?.is_some() {
            return Ok(Err(ChangeEmailError::EmailTaken));
        }
        send(tx, &signer, &principal, &email).map(Ok)
    })
    .await?
}

fn send(
    tx: &mut AuthTx<'_>,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
    email: &EmailAddress,
) -> Result<(), DbError> {
    let Some(person) = find_person(tx, principal.who.user_id)? else { return Ok(()) };
    let link = (EmailTokenPurpose::ChangeEmail, email.as_str());
    queue_link(tx, authority, (&person, principal.tenant_id), link)?;
    in_own_firm(tx, principal.tenant_id, "auth.email_change_asked", person.id)
}

/// Gives a person the address whose link was followed. The old one is told, and its links are dead.
pub(crate) fn take_effect(tx: &mut AuthTx<'_>, user: UserId, email: &str) -> Result<Person, VerifyEmailError> {
    let old = find_person(tx, user)?.filter(|person| person.disabled_at.is_none()).ok_or(VerifyEmailError::Invalid)?;
    store(tx, user, email).map_err(|error| {
        if error.is_unique_violation("users_email") { VerifyEmailError::EmailTaken } else { error.into() }
    })?;
    forget(tx, user, EmailTokenPurpose::ALL)?;
    let new = find_person(tx, user)?.ok_or(VerifyEmailError::Invalid)?;
    copy_to_firms(tx, &new)?;
    if let Some(tenant) = tenants::memberships(tx, user)?.first().copied() {
        tell(tx, tenant, &old, ("auth.email_changed", Template::EmailChanged))?;
    }
    Ok(new)
}

fn store(tx: &mut AuthTx<'_>, user: UserId, email: &str) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::email.eq(email),
            users::email_verified_at.eq(now),
            users::updated_at.eq(now),
            users::version.eq(users::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}
