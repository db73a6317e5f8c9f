//! A person's second factor: codes of an authenticator, or recovery codes.

use crate::{
    Authority, RequestMeta,
    throttle::{self, ACCOUNT, Key, Throttled},
    totp::TotpSecret,
};
use chrono::{DateTime, Utc};
use db::{
    AuthTx, DbError,
    schema::{recovery_codes, users},
};
use diesel::prelude::*;
use kernel::{
    base32,
    ids::{Id, UserId},
    secrets::{Secret, random_bytes},
    text_enum,
};

/// What second factors of people are sealed for.
const SEALED_FOR: &str = "person_totp";
/// Recovery codes of a person.
const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code: 80 bits.
const CODE_LENGTH: usize = 16;

text_enum! {
    /// What was shown beside a password.
    pub enum Factor {
        /// A code of an authenticator.
        Totp = "totp",
        /// A recovery code.
        RecoveryCode = "recovery_code",
    }
}

/// What is stored of a second factor.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct Stored {
    sealed_totp: Option<Vec<u8>>,
    pub(crate) totp_confirmed_at: Option<DateTime<Utc>>,
    totp_last_step: i64,
}

impl Stored {
    /// Whether a second factor waits for its first code.
    pub(crate) const fn is_pending(&self) -> bool {
        self.sealed_totp.is_some() && self.totp_confirmed_at.is_none()
    }

    /// The step whose code this is, if it was not used yet.
    pub(crate) fn step(&self, authority: &Authority, code: &str, now: DateTime<Utc>) -> Result<Option<i64>, DbError> {
        let Some(sealed) = &self.sealed_totp else { return Ok(None) };
        let last = u64::try_from(self.totp_last_step).unwrap_or_default();
        let step = open(authority, sealed)?.check(code.trim(), now, last);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }
}

/// A person's second factor, unless they are disabled; locked until the transaction ends, so that a code serves once.
pub(crate) fn lock(tx: &mut AuthTx<'_>, user: UserId) -> Result<Option<Stored>, DbError> {
    Ok(users::table
        .filter(users::id.eq(user))
        .filter(users::disabled_at.is_null())
        .select(Stored::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Uses a code up, if it is right. Wrong ones slow down the address they come from, for this person.
pub(crate) fn try_code(
    tx: &mut AuthTx<'_>,
    authority: &Authority,
    (user, code): (UserId, &str),
    request: RequestMeta,
) -> Result<Result<Option<Factor>, Throttled>, DbError> {
    let key = Key::of(&["code", &user.to_string(), &throttle::origin(request.ip)]);
    if let Err(throttled) = throttle::charge(tx, &key, &ACCOUNT)? {
        return Ok(Err(throttled));
    }
    let factor = use_code(tx, authority, user, code)?;
    if factor.is_some() {
        throttle::clear(tx, &key)?;
    }
    Ok(Ok(factor))
}

fn use_code(tx: &mut AuthTx<'_>, authority: &Authority, user: UserId, code: &str) -> Result<Option<Factor>, DbError> {
    let Some(stored) = lock(tx, user)?.filter(|stored| stored.totp_confirmed_at.is_some()) else { return Ok(None) };
    if let Some(step) = stored.step(authority, code, tx.now())? {
        note_step(tx, user, step)?;
        return Ok(Some(Factor::Totp));
    }
    Ok(use_recovery_code(tx, authority, user, code)?.then_some(Factor::RecoveryCode))
}

/// Remembers the step whose code was used: that code and all before it are dead.
pub(crate) fn note_step(tx: &mut AuthTx<'_>, user: UserId, step: i64) -> Result<(), DbError> {
    diesel::update(users::table.filter(users::id.eq(user))).set(users::totp_last_step.eq(step)).execute(tx.conn())?;
    Ok(())
}

fn use_recovery_code(tx: &mut AuthTx<'_>, authority: &Authority, user: UserId, code: &str) -> Result<bool, DbError> {
    let unused = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::digest.eq(digest(authority, user, code)))
        .filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(tx.now())).execute(tx.conn())? == 1)
}

/// Gives a person fresh recovery codes; earlier ones are dead. Only digests stay here.
pub(crate) fn replace_codes(tx: &mut AuthTx<'_>, authority: &Authority, user: UserId) -> Result<Vec<Secret>, DbError> {
    forget_codes(tx, user)?;
    let codes = (0..RECOVERY_CODES).map(|_| new_code()).collect::<Result<Vec<_>, DbError>>()?;
    let now = tx.now();
    let rows: Vec<_> = codes
        .iter()
        .map(|code| {
            (
                recovery_codes::user_id.eq(user),
                recovery_codes::digest.eq(digest(authority, user, code.expose())),
                recovery_codes::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(tx.conn())?;
    Ok(codes)
}

/// Kills all recovery codes of a person.
pub(crate) fn forget_codes(tx: &mut AuthTx<'_>, user: UserId) -> Result<(), DbError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}

/// Four groups of four, without letters that look like digits.
fn new_code() -> Result<Secret, DbError> {
    let bits = random_bytes().map_err(|error| DbError::Corrupt(error.to_string()))?;
    let text = base32::encode(u128::from_be_bytes(bits));
    let code: Vec<&str> =
        (0..CODE_LENGTH / 4).filter_map(|at| text.get(text.len() - 4 * (at + 1)..text.len() - 4 * at)).collect();
    Ok(Secret::new(code.join("-")))
}

/// The digest of a code however it was typed.
fn digest(authority: &Authority, user: UserId, code: &str) -> Vec<u8> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        })
        .collect();
    authority.master_key.mac("recovery_code", &[user.uuid().as_bytes(), plain.as_bytes()]).to_vec()
}

/// Encrypts a second factor for storing.
pub(crate) fn seal(authority: &Authority, secret: &TotpSecret) -> Result<Vec<u8>, DbError> {
    authority.master_key.seal(SEALED_FOR, secret.bytes()).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn open(authority: &Authority, sealed: &[u8]) -> Result<TotpSecret, DbError> {
    let bytes = authority.master_key.open(SEALED_FOR, sealed).map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(TotpSecret::of_bytes(bytes.expose().clone()))
}
