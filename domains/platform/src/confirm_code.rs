use crate::{
    administrator::{Credentials, lock_credentials},
    chain::{open, record_account, record_refusal},
};
use auth::{
    AdminClaims, Authority, InvalidToken, MfaClaims, Purpose, RequestMeta,
    throttle::{self, ACCOUNT, Key, Throttled},
};
use db::{AuthTx, Db, DbError, schema::administrators};
use diesel::prelude::*;
use kernel::{ids::AdminId, secrets::Secret};

/// What a signed-in administrator holds.
#[derive(Debug, Clone)]
pub struct AdminToken {
    /// Goes with every request.
    pub access_token: Secret,
    /// Seconds it lives.
    pub expires_in: i64,
}

/// Why the second step failed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmCodeError {
    /// The first step is unknown or too long ago, or the code is wrong or was used.
    #[error("the code is wrong or too old")]
    WrongCode,
    /// Too many wrong codes.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<InvalidToken> for ConfirmCodeError {
    fn from(_: InvalidToken) -> Self {
        Self::WrongCode
    }
}

/// Second step of an administrator's log-in: the code. The first right code confirms the second factor.
pub async fn confirm_code(
    db: &Db,
    authority: &Authority,
    (mfa_token, code): (&str, &str),
    request: RequestMeta,
) -> Result<AdminToken, ConfirmCodeError> {
    let id = authority.keyring.verify::<MfaClaims>(db, mfa_token).await?.sub;
    let (signer, code) = (authority.clone(), code.to_owned());
    let key = Key::of(&["administrator_code", &id.to_string()]);
    let right = db
        .auth("platform.confirm_code", request.visitor(), move |tx| {
            if let Err(throttled) = throttle::charge(tx, &key, &ACCOUNT)? {
                return Ok::<_, DbError>(Err(throttled));
            }
            let right = use_code(tx, &signer, id, &code)?;
            if right {
                throttle::clear(tx, &key)?;
            } else {
                record_refusal(tx, "administrator.code_refused", id)?;
            }
            Ok(Ok(right))
        })
        .await??;
    if !right {
        return Err(ConfirmCodeError::WrongCode);
    }
    let access_token = authority.keyring.sign(AdminClaims { sub: id }, db.clock().now())?;
    Ok(AdminToken { access_token, expires_in: Purpose::Admin.lifetime() })
}

/// Uses a code up, if it is right; a wrong one is an answer too, so that its count commits.
fn use_code(tx: &mut AuthTx<'_>, authority: &Authority, id: AdminId, code: &str) -> Result<bool, DbError> {
    let Some(known) = lock_credentials(tx, id)? else { return Ok(false) };
    let Some(sealed) = &known.sealed_totp else { return Ok(false) };
    let last_step = u64::try_from(known.totp_last_step).unwrap_or_default();
    let Some(step) = open(authority, sealed)?.check(code, tx.now(), last_step) else { return Ok(false) };
    store(tx, &known, i64::try_from(step).unwrap_or(i64::MAX))?;
    record_account(tx, "administrator.logged_in", id)?;
    Ok(true)
}

fn store(tx: &mut AuthTx<'_>, known: &Credentials, step: i64) -> Result<(), DbError> {
    let confirmed_at = known.totp_confirmed_at.unwrap_or_else(|| tx.now());
    diesel::update(administrators::table.filter(administrators::id.eq(known.id)))
        .set((administrators::totp_last_step.eq(step), administrators::totp_confirmed_at.eq(confirmed_at)))
        .execute(tx.conn())?;
    Ok(())
}
