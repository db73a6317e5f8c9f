//! The keys of this process: loaded at its start, and again when somebody may have rotated them.

use crate::{
    access_token::{Claims, InvalidToken},
    key_set::{KeySet, Row, SignedStatement, new_key},
};
use chrono::{DateTime, Duration, Utc};
use db::{AuthTx, Db, DbError, schema::signing_keys};
use diesel::prelude::*;
use kernel::{
    Actor,
    secrets::{MasterKey, Secret, SecretError},
};
use serde_json::Value;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

/// How long a retired key still verifies: longer than any token lives, plus the time in which other processes still sign with it.
const RETIRED_FOR: Duration = Duration::hours(2);
/// How often tokens that name unknown keys make a process look, at most: whoever makes names up costs one query a second.
const ASK_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// Why the keys could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// A stored key does not open, or none could be made.
    #[error("a signing key cannot be used: {0}")]
    Secret(#[from] SecretError),
    /// A stored key is not an Ed25519 key.
    #[error("a signing key is malformed: {0}")]
    Malformed(String),
    /// No key signs.
    #[error("no signing key is active")]
    NoneActive,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Signs tokens with the active key and checks them with all that count. Shared by all threads of a process.
pub struct Keyring {
    issuer: String,
    master: MasterKey,
    set: RwLock<Arc<KeySet>>,
    /// When a token with an unknown key last made this process look.
    asked: tokio::sync::Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("set", &self.set()).finish_non_exhaustive()
    }
}

impl Keyring {
    /// Loads the keys; makes the first one if there is none. Of instances that start at once, one makes it and all load it.
    /// `issuer` is the platform's public address.
    pub async fn load_or_create(db: &Db, master: &MasterKey, issuer: &str) -> Result<Self, KeyringError> {
        let first = new_key(master, db.clock().now())?;
        let rows = db
            .auth("auth.load_keys", Actor::system("signing keys"), move |tx| {
                ensure_one(tx, &first)?;
                load(tx)
            })
            .await?;
        Ok(Self {
            issuer: issuer.to_owned(),
            master: master.clone(),
            set: RwLock::new(Arc::new(KeySet::of_rows(&rows, master, issuer)?)),
            asked: tokio::sync::Mutex::default(),
        })
    }

    /// Loads the keys anew; each process does so twice a minute. What was loaded before serves on if that fails.
    pub async fn reload(&self, db: &Db) -> Result<(), KeyringError> {
        let rows = db.auth("auth.load_keys", Actor::system("signing keys"), load).await?;
        let set = Arc::new(KeySet::of_rows(&rows, &self.master, &self.issuer)?);
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = set;
        Ok(())
    }

    /// The public keys, as the `keys` of a JSON Web Key Set.
    pub fn public_keys(&self) -> Value {
        self.set().public_keys()
    }

    /// Signs a token that lives from `now` for as long as its purpose allows.
    pub fn sign<C: Claims>(&self, claims: C, now: DateTime<Utc>) -> Result<Secret, InvalidToken> {
        self.set().sign(claims, now)
    }

    /// What a token says, if one of our keys signed it for this purpose and its time is not over. If it names a key that this
    /// process does not know, another may have rotated them: it looks, and looks again at the token.
    pub async fn verify<C: Claims>(&self, db: &Db, token: &str) -> Result<C, InvalidToken> {
        let now = db.clock().now();
        let set = self.set();
        if set.knows(token) || !self.look(db).await {
            return set.verify(token, now);
        }
        self.set().verify(token, now)
    }

    /// Whether the keys were loaded anew, unless that was done a moment ago.
    async fn look(&self, db: &Db) -> bool {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|at| at.elapsed() < ASK_EVERY) {
            return false;
        }
        *asked = Some(Instant::now());
        self.reload(db).await.is_ok()
    }

    fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Puts a new key in the active one's place. Tokens of the old one count until they end, or (`at_once`, after a theft) no longer:
/// then everybody refreshes or signs in again. Other processes follow within half a minute. Returns the new key's id.
pub fn rotate_signing_key(tx: &mut AuthTx<'_>, master: &MasterKey, at_once: bool) -> Result<String, KeyringError> {
    let new = new_key(master, tx.now())?;
    retire(tx, at_once)?;
    insert(tx, &new)?;
    Ok(new.kid)
}

/// Signs what is no token, and looks like none, with the active key.
pub fn sign_statement(
    tx: &mut AuthTx<'_>,
    master: &MasterKey,
    statement: &str,
) -> Result<SignedStatement, KeyringError> {
    let active = signing_keys::table.filter(signing_keys::retired_at.is_null()).select(Row::as_select());
    let active = active.first(tx.conn()).optional().map_err(DbError::from)?.ok_or(KeyringError::NoneActive)?;
    active.sign_statement(master, statement)
}

/// Retires the active key; it never signs again, so its private part goes. `at_once` retires all for good.
fn retire(tx: &mut AuthTx<'_>, at_once: bool) -> Result<(), DbError> {
    let (now, active) = (tx.now(), signing_keys::table.filter(signing_keys::retired_at.is_null()));
    let retired = (signing_keys::retired_at.eq(now), signing_keys::sealed_private.eq(Vec::<u8>::new()));
    diesel::update(active).set(retired).execute(tx.conn())?;
    if at_once {
        let retired = signing_keys::table.filter(signing_keys::retired_at.is_not_null());
        diesel::update(retired).set(signing_keys::retired_at.eq(now - RETIRED_FOR)).execute(tx.conn())?;
    }
    Ok(())
}

fn ensure_one(tx: &mut AuthTx<'_>, first: &Row) -> Result<(), DbError> {
    // The unique index on "not retired" lets only one in.
    diesel::insert_into(signing_keys::table).values(first.clone()).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

fn insert(tx: &mut AuthTx<'_>, key: &Row) -> Result<(), DbError> {
    diesel::insert_into(signing_keys::table).values(key.clone()).execute(tx.conn())?;
    Ok(())
}

fn load(tx: &mut AuthTx<'_>) -> Result<Vec<Row>, DbError> {
    let since = tx.now() - RETIRED_FOR;
    let counting = signing_keys::retired_at.is_null().or(signing_keys::retired_at.gt(since));
    let keys = signing_keys::table.filter(counting).order(signing_keys::created_at.desc());
    Ok(keys.select(Row::as_select()).load(tx.conn())?)
}
