use crate::{
    Authority, RequestMeta, find_person_by_email, queue_verification, security_events,
    throttle::{self, Key, MAIL, Throttled},
};
use db::{Db, DbError};
use tenants::EmailAddress;

/// Why no mail may be asked for at present.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// Too many mails to this address were asked for.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sends the verification mail again, if the address has an account that still waits for it. The answer does not tell.
pub async fn resend_verification(
    db: &Db,
    authority: &Authority,
    email: EmailAddress,
    request: RequestMeta,
) -> Result<(), ResendError> {
    let authority = authority.clone();
    let key = Key::of(&["verification", email.as_str()]);
    let sent = db
        .auth("auth.resend_verification", request.visitor(), move |tx| {
            if let Err(throttled) = throttle::charge(tx, &key, &MAIL)? {
                return Ok::<_, DbError>(Err(throttled));
            }
            let waiting = find_person_by_email(tx, &email)?
                .filter(|person| person.email_verified_at.is_none() && person.disabled_at.is_none());
            if let Some(person) = waiting
                && let Some(tenant) = tenants::memberships(tx, person.id)?.first()
            {
                queue_verification(tx, &authority, &person, *tenant)?;
                security_events::in_own_firm(tx, *tenant, "auth.verification_resent", person.id)?;
            } else {
                security_events::in_vain(tx, "auth.verification_asked_for")?;
            }
            Ok(Ok(()))
        })
        .await?;
    Ok(sent?)
}
