use crate::{
    Authority, HalfwayClaims, InvalidToken, RequestMeta, SignedIn, StartedSession,
    enter::{Entry, enter},
    log_in::signed_in,
    second_factor::try_code,
    security_events,
    throttle::Throttled,
};
use chrono::{DateTime, Utc};
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::secrets::Secret;
use tenants::Membership;

/// The second step of a person's log-in.
#[derive(Debug, Clone)]
pub struct ConfirmLogIn {
    /// From the first step.
    pub mfa_token: Secret,
    /// A code of the authenticator, or a recovery code.
    pub code: Secret,
    /// What their browser says it is.
    pub user_agent: Option<String>,
}

/// Why the second step failed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmLogInError {
    /// The first step is unknown, too long ago or of another password; or the code is wrong or was used.
    #[error("the code is wrong or too old")]
    WrongCode,
    /// They belong to no firm any more.
    #[error("no firm to sign in to")]
    NoFirm,
    /// Too many wrong codes from where they are.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The tokens could not be signed.
    #[error(transparent)]
    Sign(#[from] InvalidToken),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Signs in somebody who showed the password already.
pub async fn confirm_log_in(
    db: &Db,
    authority: &Authority,
    command: &ConfirmLogIn,
    request: RequestMeta,
) -> Result<SignedIn, ConfirmLogInError> {
    let claims = authority.keyring.verify::<HalfwayClaims>(db, command.mfa_token.expose()).await;
    let claims = claims.map_err(|_| ConfirmLogInError::WrongCode)?;
    let (signer, command) = (authority.clone(), command.clone());
    let work = move |tx: &mut AuthTx<'_>| finish(tx, &signer, (claims, &command), request);
    let entered = db.auth("auth.confirm_log_in", request.person(claims.sub), work).await??;
    Ok(signed_in(authority, claims.sub, entered, db.clock().now())?)
}

/// What was entered, or why not: an answer too, so that the count of wrong codes commits.
type Outcome = Result<(Membership, StartedSession), ConfirmLogInError>;

fn finish(
    tx: &mut AuthTx<'_>,
    authority: &Authority,
    (claims, command): (HalfwayClaims, &ConfirmLogIn),
    request: RequestMeta,
) -> Result<Outcome, DbError> {
    if !is_current(tx, claims)? {
        return Ok(Err(ConfirmLogInError::WrongCode));
    }
    let factor = match try_code(tx, authority, (claims.sub, command.code.expose()), request)? {
        Err(throttled) => return Ok(Err(throttled.into())),
        Ok(None) => {
            security_events::code_refused(tx, claims.sub)?;
            return Ok(Err(ConfirmLogInError::WrongCode));
        }
        Ok(factor) => factor,
    };
    let entry = Entry { user: claims.sub, factor, user_agent: command.user_agent.clone(), request };
    Ok(enter(tx, &entry)?.ok_or(ConfirmLogInError::NoFirm))
}

/// Whether the password shown in the first step is still the person's.
fn is_current(tx: &mut AuthTx<'_>, claims: HalfwayClaims) -> Result<bool, DbError> {
    let changed: Option<DateTime<Utc>> = users::table
        .filter(users::id.eq(claims.sub))
        .filter(users::disabled_at.is_null())
        .select(users::password_changed_at)
        .first(tx.conn())
        .optional()?;
    Ok(changed.is_some_and(|changed| changed.timestamp_micros() == claims.since))
}
