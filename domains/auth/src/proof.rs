//! Showing again, while signed in, who one is.

use crate::{
    Authority, HashError, Password, Principal, SignedInPerson,
    throttle::{self, ACCOUNT, Key, Throttled},
};
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::ids::UserId;

/// Why somebody has not shown who they are.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The password is not theirs.
    #[error("the password is wrong")]
    WrongPassword,
    /// The code is wrong or was used.
    #[error("the code is wrong or was used")]
    WrongCode,
    /// Too many failures.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Compares a password with the signed-in person's, and returns the stored hash if it is theirs.
pub(crate) async fn check_password(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
    password: Option<&Password>,
) -> Result<String, ProofError> {
    let user = principal.who.user_id;
    let key = Key::of(&["password", &user.to_string(), &throttle::origin(principal.request.ip)]);
    let charged = key.clone();
    let prepare = move |tx: &mut AuthTx<'_>| match throttle::charge(tx, &charged, &ACCOUNT)? {
        Ok(()) => Ok::<_, DbError>(Ok(find_hash(tx, user)?)),
        Err(throttled) => Ok(Err(throttled)),
    };
    let hash = db.auth("auth.check_password.prepare", principal.actor(), prepare).await??;
    let right = match password {
        Some(password) => authority.hasher.verify(hash.clone(), password).await?,
        None => false,
    };
    let hash = hash.filter(|_| right).ok_or(ProofError::WrongPassword)?;
    db.auth("auth.check_password", principal.actor(), move |tx| throttle::clear(tx, &key)).await?;
    Ok(hash)
}

fn find_hash(tx: &mut AuthTx<'_>, user: UserId) -> Result<Option<String>, DbError> {
    Ok(users::table
        .filter(users::id.eq(user))
        .filter(users::disabled_at.is_null())
        .select(users::password_hash)
        .first(tx.conn())
        .optional()?)
}
