//! Answers kept under the caller's `Idempotency-Key`, in the transaction of the effect (INV-D4).

use crate::{Db, DbError, Keep, TenantScope, TenantTx, TxError, schema::idempotency_keys};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

/// The key's row, as a diesel query; a macro because the type of such a query has no short name.
macro_rules! row {
    ($tx:expr, $key:expr) => {
        idempotency_keys::table
            .filter(idempotency_keys::tenant_id.eq($tx.tenant()))
            .filter(idempotency_keys::principal.eq(&$key.principal))
            .filter(idempotency_keys::method.eq(&$key.method))
            .filter(idempotency_keys::route.eq(&$key.route))
            .filter(idempotency_keys::key.eq(&$key.key))
    };
}
/// How long an answer is kept; the least promised is 24 hours, money needs longer.
const RETENTION: Duration = Duration::days(7);
/// One keyed request in so many forgets its tenant's expired keys.
const SWEEP_ONE_IN: u8 = 32;

/// One use of a key: who, where, which key, and what was asked.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The credential that asks, for example a user's or API key's id.
    pub principal: String,
    /// HTTP method.
    pub method: String,
    /// The route's template, for example `/v1/products/{id}/publish`.
    pub route: String,
    /// The caller's key, 1 to 255 printable ASCII characters.
    pub key: String,
    /// SHA-256 over method, path, query, content type and raw body.
    pub fingerprint: [u8; 32],
}

/// An answer as it is kept and replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// An answer, and whether it was given before.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The answer.
    pub answer: StoredAnswer,
    /// Whether it is the kept answer of an earlier request.
    pub replayed: bool,
}

/// Why a keyed request got no answer of its own.
#[derive(Debug, thiserror::Error)]
pub enum OnceError<E: std::error::Error + 'static> {
    /// The work refused.
    #[error(transparent)]
    Work(E),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    Reused,
    /// A request with this key is still running.
    #[error("a request with this idempotency key is still running")]
    InProgress,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What a key's row says when a request begins.
#[derive(Debug)]
pub enum Begun {
    /// The key is new, its row is inserted: do the work.
    Fresh,
    /// The request was answered before.
    Replay(StoredAnswer),
    /// The key belongs to another request.
    Reused,
    /// Another transaction or provider call under this key has not ended.
    InProgress,
}

impl Db {
    /// Runs `work` once per key: a repeated request gets the kept answer. A duplicate that arrives while the first runs waits
    /// on the key's row, at most the role's lock timeout.
    pub async fn tenant_once<E, F>(
        &self,
        name: &'static str,
        scope: TenantScope,
        key: IdempotencyKey,
        work: F,
    ) -> Result<Answered, OnceError<E>>
    where
        E: TxError,
        F: Fn(&mut TenantTx<'_>) -> Result<StoredAnswer, E> + Send + 'static,
    {
        self.tenant(name, scope, move |tx| match begin(tx, &key)? {
            Begun::Fresh => {
                let answer = work(tx).map_err(OnceError::Work)?;
                finish(tx, &key, &answer)?;
                Ok(Answered { answer, replayed: false })
            }
            Begun::Replay(answer) => Ok(Answered { answer, replayed: true }),
            Begun::Reused => Err(OnceError::Reused),
            Begun::InProgress => Err(OnceError::InProgress),
        })
        .await
    }
}

/// Takes a key within the caller's transaction. With [`Begun::Fresh`] the caller must [`finish`] in this transaction, or in a
/// later one if it calls a provider in between.
pub fn begin(tx: &mut TenantTx<'_>, key: &IdempotencyKey) -> Result<Begun, DbError> {
    match insert(tx, key) {
        Ok(1) => return Ok(Begun::Fresh),
        Ok(_) => {}
        Err(error) if error.is_lock_timeout() => return Ok(Begun::InProgress),
        Err(error) => return Err(error),
    }
    let kept: Option<Kept> = row!(tx, key).select(Kept::as_select()).first(tx.conn()).optional()?;
    match kept {
        Some(kept) if kept.expires_at <= tx.now() => {
            diesel::delete(row!(tx, key)).execute(tx.conn())?;
            // Another request may have taken the expired key at the same moment: then this one has come second.
            Ok(if insert(tx, key)? == 1 { Begun::Fresh } else { Begun::InProgress })
        }
        Some(kept) => kept.judge(key),
        None => Ok(Begun::InProgress),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Kept {
    fingerprint: Vec<u8>,
    status: Option<i16>,
    body: Option<Vec<u8>>,
    expires_at: DateTime<Utc>,
}

impl Kept {
    fn judge(self, key: &IdempotencyKey) -> Result<Begun, DbError> {
        Ok(match (self.status, self.body) {
            _ if self.fingerprint != key.fingerprint => Begun::Reused,
            (Some(status), Some(body)) => {
                let status = u16::try_from(status).map_err(|_| DbError::Corrupt("negative status".into()))?;
                Begun::Replay(StoredAnswer { status, body })
            }
            _ => Begun::InProgress,
        })
    }
}

/// Keeps the answer of a key taken with [`begin`]. Now and then it also forgets the tenant's expired keys, so that they need no
/// sweeper and no request pays for more than its share.
pub fn finish(tx: &mut TenantTx<'_>, key: &IdempotencyKey, answer: &StoredAnswer) -> Result<(), DbError> {
    let status = i16::try_from(answer.status).map_err(|_| DbError::Corrupt("status out of range".into()))?;
    if key.key.bytes().fold(0, u8::wrapping_add) % SWEEP_ONE_IN == 0 {
        forget_expired(tx)?;
    }
    diesel::update(row!(tx, key))
        .set((idempotency_keys::status.eq(status), idempotency_keys::body.eq(&answer.body)))
        .kept()
        .execute(tx.conn())?;
    Ok(())
}

fn forget_expired(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let now = tx.now();
    let mine = idempotency_keys::table.filter(idempotency_keys::tenant_id.eq(tx.tenant()));
    diesel::delete(mine.filter(idempotency_keys::expires_at.le(now))).execute(tx.conn())?;
    Ok(())
}

fn insert(tx: &mut TenantTx<'_>, key: &IdempotencyKey) -> Result<usize, DbError> {
    let now = tx.now();
    Ok(diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::principal.eq(&key.principal),
            idempotency_keys::method.eq(&key.method),
            idempotency_keys::route.eq(&key.route),
            idempotency_keys::key.eq(&key.key),
            idempotency_keys::fingerprint.eq(key.fingerprint.to_vec()),
            idempotency_keys::created_at.eq(now),
            idempotency_keys::expires_at.eq(now + RETENTION),
        ))
        .on_conflict_do_nothing()
        .kept()
        .execute(tx.conn())?)
}
