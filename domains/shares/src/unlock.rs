//! The password of a link.

use crate::{
    AccessResult, VisitError, Visitor,
    access::note,
    enter::{approach, visit},
    pass::{Pass, UNLOCKED_FOR},
    share::Link,
};
use auth::{
    HashError, Hasher, Password,
    throttle::{self, ACCOUNT, ADDRESS, Key, Throttled},
};
use db::{Db, DbError, TenantTx};
use kernel::{
    ids::ShareId,
    secrets::{MasterKey, Secret},
};

/// What a right password gives.
#[derive(Debug, Clone)]
pub struct Unlocked {
    /// Shows with later requests that the password was right.
    pub pass: Secret,
    /// Seconds it is good for.
    pub expires_in: i64,
}

/// Why a password gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// It is not the link's.
    #[error("the password is wrong")]
    WrongPassword,
    /// Too many wrong ones from this address.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// There is nothing to unlock.
    #[error(transparent)]
    Visit(#[from] VisitError),
    /// The password could not be compared.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What is slowed down by a wrong password: this link from this address, and all links from it (INV-SH4).
#[derive(Debug, Clone)]
struct Keys {
    link: Key,
    address: Key,
}

impl Keys {
    fn of(link: ShareId, visitor: &Visitor) -> Self {
        let ip = throttle::origin(visitor.request.ip);
        Self { link: Key::of(&["share", &link.to_string(), &ip]), address: Key::of(&["shares", &ip]) }
    }
}

/// Compares a password with the link's: counted first, hashed outside any transaction, then settled.
pub async fn unlock(
    db: &Db,
    (hasher, key): (&Hasher, &MasterKey),
    visitor: &Visitor,
    password: &str,
) -> Result<Unlocked, UnlockError> {
    let link = prepare(db, visitor).await??;
    let right = match (&link.password_hash, Password::entered(password)) {
        (Some(hash), Some(password)) => hasher.verify(Some(hash.clone()), &password).await?,
        (Some(_), None) => false,
        // Without a password every one is right.
        (None, _) => true,
    };
    settle(db, visitor, &link, right).await?;
    if !right {
        return Err(UnlockError::WrongPassword);
    }
    let pass = Pass::enter(visitor.token.tenant, &link).issue(key, db.clock().now() + UNLOCKED_FOR);
    Ok(Unlocked { pass: Secret::new(pass), expires_in: UNLOCKED_FOR.num_seconds() })
}

/// Counts the attempt and finds the link.
async fn prepare(db: &Db, visitor: &Visitor) -> Result<Result<Link, Throttled>, VisitError> {
    let known = visitor.clone();
    visit(db, "shares.unlock.prepare", visitor, move |tx| {
        let (link, _, _) = approach(tx, &known)?;
        let keys = Keys::of(link.id, &known);
        let counted = tx.in_auth(|tx| match throttle::check(tx, &keys.address)? {
            Ok(()) => throttle::charge(tx, &keys.link, &ACCOUNT),
            Err(throttled) => Ok(Err(throttled)),
        })?;
        if let Err(throttled) = counted {
            note(tx, link.id, (AccessResult::Throttled, None), known.user_agent.as_deref())?;
            return Ok(Err(throttled));
        }
        Ok(Ok(link))
    })
    .await
}

async fn settle(db: &Db, visitor: &Visitor, link: &Link, right: bool) -> Result<(), DbError> {
    let (known, link) = (visitor.clone(), link.id);
    db.tenant("shares.unlock.settle", visitor.scope(), move |tx: &mut TenantTx<'_>| {
        let keys = Keys::of(link, &known);
        tx.in_auth(|tx| {
            if right {
                return throttle::clear(tx, &keys.link);
            }
            // Being slowed down by now changes nothing for this attempt, which failed anyway.
            throttle::charge(tx, &keys.address, &ADDRESS).map(drop)
        })?;
        let result = if right { AccessResult::Unlocked } else { AccessResult::WrongPassword };
        note(tx, link, (result, None), known.user_agent.as_deref())
    })
    .await
}
