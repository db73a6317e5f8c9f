use crate::{
    administrator::{Credentials, credentials_by_email},
    chain::{open, record_account, record_refusal, seal},
};
use auth::{
    Authority, HashError, InvalidToken, MfaClaims, Password, RequestMeta,
    throttle::{self, ACCOUNT, ADDRESS, Key, Throttled},
    totp::TotpSecret,
};
use db::{AuthTx, Db, DbError, schema::administrators};
use diesel::prelude::*;
use kernel::{ids::AdminId, secrets::Secret};
use tenants::EmailAddress;

/// An administrator who wants to sign in.
#[derive(Debug, Clone)]
pub struct AdminLogIn {
    /// Their address, if it is one at all.
    pub email: Option<EmailAddress>,
    /// Their password, if it can be one at all.
    pub password: Option<Password>,
}

/// The password was right; the code is still to come.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// Goes with the code, within five minutes.
    pub mfa_token: Secret,
    /// The second factor to be set up, if none is confirmed yet.
    pub enrolment: Option<Enrolment>,
}

/// A second factor to be set up in an authenticator.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret as people copy it.
    pub secret: Secret,
    /// The same as an address, for a picture.
    pub otpauth_url: Secret,
}

/// Why the password did not count.
#[derive(Debug, thiserror::Error)]
pub enum AdminLogInError {
    /// Address or password is wrong; which of them is not told.
    #[error("address or password is wrong")]
    WrongCredentials,
    /// Too many failures from where they are.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The token could not be signed.
    #[error(transparent)]
    Sign(#[from] InvalidToken),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// First step of an administrator's log-in: address and password.
pub async fn log_in(
    db: &Db,
    authority: &Authority,
    command: &AdminLogIn,
    request: RequestMeta,
) -> Result<Challenge, AdminLogInError> {
    let ip = throttle::origin(request.ip);
    let email = command.email.as_ref().map_or("", EmailAddress::as_str);
    let keys = [Key::of(&["administrator", email, &ip]), Key::of(&["address", &ip])];
    let known = prepare(db, command.email.clone(), &keys, request).await?;
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let named = known.as_ref().map_or_else(|| "unknown".to_owned(), |known| known.id.to_string());
    let right = match &command.password {
        Some(password) => authority.hasher.verify(hash, password).await?,
        None => false,
    };
    let Some(known) = known.filter(|_| right) else {
        let [_, address] = keys;
        db.auth("platform.log_in.failed", request.visitor(), move |tx| {
            // Being slowed down by now changes nothing for this attempt, which failed anyway.
            let _ = throttle::charge(tx, &address, &ADDRESS)?;
            record_refusal(tx, "administrator.log_in_failed", &named)
        })
        .await?;
        return Err(AdminLogInError::WrongCredentials);
    };
    let (id, signer) = (known.id, authority.clone());
    let enrolment = db
        .auth("platform.log_in", request.visitor(), move |tx| {
            throttle::clear(tx, &keys[0])?;
            record_account(tx, "administrator.password_accepted", id)?;
            enrolment(tx, &signer, &known)
        })
        .await?;
    let mfa_token = authority.keyring.sign(MfaClaims { sub: id }, db.clock().now())?;
    Ok(Challenge { mfa_token, enrolment })
}

async fn prepare(
    db: &Db,
    email: Option<EmailAddress>,
    [account, address]: &[Key; 2],
    request: RequestMeta,
) -> Result<Option<Credentials>, AdminLogInError> {
    let (account, address) = (account.clone(), address.clone());
    let prepared = db
        .auth("platform.log_in.prepare", request.visitor(), move |tx| {
            if let Err(throttled) = throttle::check(tx, &address)? {
                return Ok::<_, DbError>(Err(throttled));
            }
            if let Err(throttled) = throttle::charge(tx, &account, &ACCOUNT)? {
                return Ok(Err(throttled));
            }
            Ok(Ok(match &email {
                Some(email) => credentials_by_email(tx, email)?,
                None => None,
            }))
        })
        .await?;
    Ok(prepared?)
}

/// The second factor to be set up; the same one until it is confirmed.
fn enrolment(tx: &mut AuthTx<'_>, authority: &Authority, known: &Credentials) -> Result<Option<Enrolment>, DbError> {
    if known.totp_confirmed_at.is_some() {
        return Ok(None);
    }
    let corrupt = |error: String| DbError::Corrupt(error);
    let secret = if let Some(sealed) = &known.sealed_totp {
        open(authority, sealed)?
    } else {
        let secret = TotpSecret::generate().map_err(|error| corrupt(error.to_string()))?;
        store(tx, known.id, &seal(authority, &secret)?)?;
        secret
    };
    let otpauth_url = secret.otpauth_url(&known.email).map_err(|error| corrupt(error.to_string()))?;
    Ok(Some(Enrolment { secret: Secret::new(secret.to_base32()), otpauth_url: Secret::new(otpauth_url) }))
}

fn store(tx: &mut AuthTx<'_>, id: AdminId, sealed: &[u8]) -> Result<(), DbError> {
    diesel::update(administrators::table.filter(administrators::id.eq(id)))
        .set(administrators::sealed_totp.eq(sealed))
        .execute(tx.conn())?;
    Ok(())
}
