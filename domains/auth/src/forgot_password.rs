use crate::{
    Authority, RequestMeta,
    email_token::{EmailTokenPurpose, queue_link},
    find_person_by_email,
    security_events::{in_own_firm, in_vain},
    throttle::{self, ADDRESS, Key, Throttled, UNPROVEN_MAIL},
};
use db::{AuthTx, Db, DbError};
use std::time::Duration;
use tenants::EmailAddress;
use tokio::time::Instant;

/// What the audit log is told.
const ACTION: &str = "auth.password_forgotten";
/// Every answer takes this long, so that its time does not tell whether there was a mail to write (A54).
const ANSWER_AFTER: Duration = Duration::from_millis(200);

/// Why no mail may be asked for at present.
#[derive(Debug, thiserror::Error)]
pub enum ForgotPasswordError {
    /// Too many mails to this address, or from where they are, were asked for.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sends a link that allows to choose another password, if the address has an account. The answer does not tell.
pub async fn forgot_password(
    db: &Db,
    authority: &Authority,
    email: EmailAddress,
    request: RequestMeta,
) -> Result<(), ForgotPasswordError> {
    let answer_at = Instant::now() + ANSWER_AFTER;
    let authority = authority.clone();
    let keys = [Key::of(&["forgotten", &throttle::origin(request.ip)]), Key::of(&["reset", email.as_str()])];
    let sent = db
        .auth("auth.forgot_password", request.visitor(), move |tx| {
            for (key, pace) in keys.iter().zip([&ADDRESS, &UNPROVEN_MAIL]) {
                if let Err(throttled) = throttle::charge(tx, key, pace)? {
                    return Ok::<_, DbError>(Err(throttled));
                }
            }
            send(tx, &authority, &email).map(Ok)
        })
        .await;
    tokio::time::sleep_until(answer_at).await;
    Ok(sent??)
}

fn send(tx: &mut AuthTx<'_>, authority: &Authority, email: &EmailAddress) -> Result<(), DbError> {
    let Some(person) = find_person_by_email(tx, email)?.filter(|person| person.disabled_at.is_none()) else {
        return in_vain(tx, ACTION);
    };
    let Some(tenant) = tenants::memberships(tx, person.id)?.first().copied() else { return in_vain(tx, ACTION) };
    queue_link(tx, authority, (&person, tenant), (EmailTokenPurpose::ResetPassword, &person.email))?;
    in_own_firm(tx, tenant, ACTION, person.id)
}
