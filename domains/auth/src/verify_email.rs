use crate::{
    Person, Principal, RequestMeta, SignedInPerson,
    change_email::take_effect,
    email_token::{EmailTokenPurpose, use_up},
    find_person,
    standing::{membership, own_firm},
};
use audit::Audited;
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::{ids::UserId, secrets::digest};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;

/// Why an address was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// Unknown, used, replaced by a newer one, or older than a day.
    #[error("the link does not work any more")]
    Invalid,
    /// Somebody else has an account with the address by now.
    #[error("the address has an account")]
    EmailTaken,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Verifies an address by the token that was mailed to it: the person's own, or the one they want instead. It counts at once, for
/// tokens already issued too.
pub async fn verify_email(db: &Db, token: &str, request: RequestMeta) -> Result<Person, VerifyEmailError> {
    let wanted = digest(token);
    db.auth("auth.verify_email", request.visitor(), move |tx| {
        if let Some((user, email)) = use_up(tx, &wanted, EmailTokenPurpose::ChangeEmail)? {
            return take_effect(tx, user, &email);
        }
        let (user, email) = use_up(tx, &wanted, EmailTokenPurpose::VerifyEmail)?.ok_or(VerifyEmailError::Invalid)?;
        if !set_verified(tx, user, &email)? {
            return Err(VerifyEmailError::Invalid);
        }
        let person = find_person(tx, user)?.ok_or(VerifyEmailError::Invalid)?;
        tell(tx, &person)?;
        Ok(person)
    })
    .await
}

/// Verifies a signed-in person's address on the platform's own word, without a mail: only for people whom the platform itself
/// set up, such as those of the demo firms. Repeating it changes nothing.
pub async fn mark_verified(db: &Db, principal: &Principal<SignedInPerson>) -> Result<(), DbError> {
    let (user, tenant) = (principal.who.user_id, principal.tenant_id);
    db.auth("auth.mark_verified", principal.actor(), move |tx| {
        let Some(person) = find_person(tx, user)?.filter(|person| person.email_verified_at.is_none()) else {
            return Ok(());
        };
        set_verified(tx, user, &person.email)?;
        let scope = own_firm(tx, tenant);
        tx.in_tenant(&scope, |tx| tx.audit("auth.email_verified", user, json!({ "by": "platform" })))
    })
    .await
}

/// Nothing happens if the address changed since the mail was sent.
fn set_verified(tx: &mut AuthTx<'_>, user: UserId, email: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let person = users::table.filter(users::id.eq(user)).filter(users::email.eq(email));
    let set = (users::email_verified_at.eq(now), users::updated_at.eq(now), users::version.eq(users::version + 1));
    Ok(diesel::update(person).set(set).execute(tx.conn())? == 1)
}

/// Welcomes the person in the firm they chose last, and notes the fact there.
fn tell(tx: &mut AuthTx<'_>, person: &Person) -> Result<(), DbError> {
    let Some(tenant) = tenants::memberships(tx, person.id)?.first().copied() else { return Ok(()) };
    let Some(standing) = membership(tx, person.id, tenant)? else { return Ok(()) };
    let mail = NewMail {
        to: person.email.clone(),
        template: Template::Welcome,
        locale: person.locale,
        params: json!({ "firm": standing.tenant.name }),
        dedupe_key: Some(format!("welcome {}", person.id)),
    };
    let scope = own_firm(tx, tenant);
    tx.in_tenant(&scope, |tx| {
        tx.audit("auth.email_verified", person.id, json!({}))?;
        queue_mail(tx, &mail)
    })
}
