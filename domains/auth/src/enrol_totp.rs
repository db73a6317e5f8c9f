//! Turning a person's second factor on and off. The caller has shown lately who they are.

use crate::{
    Authority, Principal, SignedInPerson, find_person,
    notice::tell,
    second_factor::{forget_codes, lock, note_step, replace_codes, seal},
    security_events::in_own_firm,
    session::{RevokedReason, revoke_others},
    throttle::{self, ACCOUNT, Key, Throttled},
    totp::TotpSecret,
};
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::{ids::UserId, secrets::Secret};
use notifications::Template;

/// A second factor to be set up in an authenticator.
#[derive(Debug, Clone)]
pub struct NewTotp {
    /// The secret as people copy it.
    pub secret: Secret,
    /// The same as an address, for a picture.
    pub otpauth_url: Secret,
}

/// Why a second factor was not changed.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// There is one already.
    #[error("the second factor is on")]
    IsOn,
    /// There is none, or none that waits for its first code.
    #[error("no second factor")]
    IsOff,
    /// The code is not the authenticator's.
    #[error("the code is wrong")]
    WrongCode,
    /// Too many wrong codes.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Begins: gives a secret, which counts once its first code was shown. An earlier one that was never shown is dead.
pub async fn begin_totp(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
) -> Result<NewTotp, TotpError> {
    let (user, tenant, signer) = (principal.who.user_id, principal.tenant_id, authority.clone());
    db.auth("auth.begin_totp", principal.actor(), move |tx| {
        if lock(tx, user)?.is_none_or(|stored| stored.totp_confirmed_at.is_some()) {
            return Err(TotpError::IsOn);
        }
        let secret = TotpSecret::generate().map_err(corrupt)?;
        let account = find_person(tx, user)?.map(|person| person.email).unwrap_or_default();
        let otpauth_url = secret.otpauth_url(&account).map_err(corrupt)?;
        store(tx, user, Some(&seal(&signer, &secret)?))?;
        in_own_firm(tx, tenant, "auth.second_factor_begun", user)?;
        Ok(NewTotp { secret: Secret::new(secret.to_base32()), otpauth_url: Secret::new(otpauth_url) })
    })
    .await
}

/// Turns the second factor on by its first code, and returns the recovery codes. Other sessions, which showed none, end.
pub async fn confirm_totp(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
    code: &Secret,
) -> Result<Vec<Secret>, TotpError> {
    let (principal, signer, code) = (*principal, authority.clone(), code.clone());
    db.auth("auth.confirm_totp", principal.actor(), move |tx| {
        let user = principal.who.user_id;
        let key = Key::of(&["new_totp", &user.to_string()]);
        if let Err(throttled) = throttle::charge(tx, &key, &ACCOUNT)? {
            return Ok::<_, DbError>(Err(throttled.into()));
        }
        let Some(stored) = lock(tx, user)?.filter(super::second_factor::Stored::is_pending) else {
            return Ok(Err(TotpError::IsOff));
        };
        let Some(step) = stored.step(&signer, code.expose(), tx.now())? else { return Ok(Err(TotpError::WrongCode)) };
        throttle::clear(tx, &key)?;
        turn_on(tx, user, step)?;
        let codes = replace_codes(tx, &signer, user)?;
        finish(tx, &principal, "auth.second_factor_on", Template::SecondFactorOn)?;
        Ok(Ok(codes))
    })
    .await?
}

/// Turns the second factor off; its recovery codes are dead and other sessions end. Without one nothing happens.
pub async fn remove_totp(db: &Db, principal: &Principal<SignedInPerson>) -> Result<(), DbError> {
    let principal = *principal;
    db.auth("auth.remove_totp", principal.actor(), move |tx| {
        let user = principal.who.user_id;
        let was_on = lock(tx, user)?.is_some_and(|stored| stored.totp_confirmed_at.is_some());
        store(tx, user, None)?;
        forget_codes(tx, user)?;
        if was_on { finish(tx, &principal, "auth.second_factor_off", Template::SecondFactorOff) } else { Ok(()) }
    })
    .await
}

/// Gives fresh recovery codes; earlier ones are dead.
pub async fn replace_recovery_codes(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
) -> Result<Vec<Secret>, TotpError> {
    let (principal, signer) = (*principal, authority.clone());
    db.auth("auth.replace_recovery_codes", principal.actor(), move |tx| {
        let user = principal.who.user_id;
        if lock(tx, user)?.is_none_or(|stored| stored.totp_confirmed_at.is_none()) {
            return Err(TotpError::IsOff);
        }
        let codes = replace_codes(tx, &signer, user)?;
        in_own_firm(tx, principal.tenant_id, "auth.recovery_codes_replaced", user)?;
        Ok(codes)
    })
    .await
}

fn corrupt(error: impl std::fmt::Display) -> DbError {
    DbError::Corrupt(error.to_string())
}

fn store(tx: &mut AuthTx<'_>, user: UserId, sealed: Option<&[u8]>) -> Result<(), DbError> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((
            users::sealed_totp.eq(sealed),
            users::totp_confirmed_at.eq(None::<chrono::DateTime<chrono::Utc>>),
            users::totp_last_step.eq(0),
            users::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn turn_on(tx: &mut AuthTx<'_>, user: UserId, step: i64) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::totp_confirmed_at.eq(now), users::updated_at.eq(now)))
        .execute(tx.conn())?;
    note_step(tx, user, step)
}

fn finish(
    tx: &mut AuthTx<'_>,
    principal: &Principal<SignedInPerson>,
    action: &'static str,
    template: Template,
) -> Result<(), DbError> {
    let user = principal.who.user_id;
    revoke_others(tx, user, Some(principal.who.session_id), RevokedReason::SecondFactorChanged)?;
    let Some(person) = find_person(tx, user)? else { return Ok(()) };
    tell(tx, principal.tenant_id, &person, (action, template))
}
