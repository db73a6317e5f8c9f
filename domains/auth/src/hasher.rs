//! argon2id, off the async threads, two at once.

use crate::Password;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// Memory of one hash in KiB: OWASP's minimum for two passes.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at once: each takes a processor and [`MEMORY`].
const AT_ONCE: usize = 2;
/// How long a caller waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a password was not hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting; try again later.
    #[error("too many passwords are being checked")]
    Busy,
    /// The computation failed.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// Hashes and compares passwords. Cheap to clone; clones share the bound.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    computed: Arc<AtomicU64>,
    /// Compared with when there is no such person, so that the answer takes as long.
    dummy: Arc<str>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("turns", &self.turns.available_permits()).finish_non_exhaustive()
    }
}

impl Hasher {
    /// Computes one hash, to be compared with when there is no other. Blocks for some ten milliseconds.
    pub fn new() -> Result<Self, HashError> {
        let (turns, computed) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::default());
        Ok(Self { turns, computed, dummy: compute("nobody's password")?.into() })
    }

    /// How many hashes were computed so far: nearly all the time that an attempt to enter takes.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The hash to store, in PHC format.
    pub async fn hash(&self, password: &Password) -> Result<String, HashError> {
        let password = password.clone();
        self.take_turn(move || compute(password.expose())).await
    }

    /// Whether `password` is the one of `stored`. Without a stored hash it takes the same time and says no.
    pub async fn verify(&self, stored: Option<String>, password: &Password) -> Result<bool, HashError> {
        let (password, dummy, known) = (password.clone(), Arc::clone(&self.dummy), stored.is_some());
        self.take_turn(move || {
            let right = compare(stored.as_deref().unwrap_or(&dummy), password.expose())?;
            Ok(right && known)
        })
        .await
    }

    /// Whether a stored hash was made with less work than hashes are made with now.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let present = argon2().map(|argon2| argon2.params().clone());
        let Ok(params) =
            PasswordHash::new(stored).map_err(failed).and_then(|hash| Params::try_from(&hash).map_err(failed))
        else {
            return true;
        };
        !stored.starts_with("$argon2id$v=19$")
            || present.is_ok_and(|present| {
                params.m_cost() < present.m_cost()
                    || params.t_cost() < present.t_cost()
                    || params.p_cost() < present.p_cost()
            })
    }

    /// A new hash of a password whose stored one is outdated. If there is no time for it now, a later log-in will do.
    pub async fn strengthened(&self, stored: &str, password: &Password) -> Option<String> {
        if self.is_outdated(stored) { self.hash(password).await.ok() } else { None }
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(HashError::Busy)?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        task.await.map_err(|error| HashError::Failed(error.to_string()))?
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn compute(password: &str) -> Result<String, HashError> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(failed)?.to_string())
}

fn compare(stored: &str, password: &str) -> Result<bool, HashError> {
    let stored = PasswordHash::new(stored).map_err(failed)?;
    match argon2()?.verify_password(password.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::entered(text).unwrap()
    }

    #[tokio::test]
    async fn only_the_whole_password_is_right() {
        let hasher = Hasher::new().unwrap();
        let right = "Kaffee trinken im Garten 茶 🍵 ".repeat(4);
        let stored = hasher.hash(&password(&right)).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.verify(Some(stored.clone()), &password(&right)).await.unwrap());
        let cut: String = right.chars().take(right.chars().count() - 1).collect();
        let mut changed: Vec<char> = right.chars().collect();
        changed[72] = '!';
        for near in [cut, changed.into_iter().collect(), right.to_uppercase()] {
            assert!(!hasher.verify(Some(stored.clone()), &password(&near)).await.unwrap());
        }
    }

    #[tokio::test]
    async fn hashes_of_less_work_are_outdated_and_still_count() {
        let hasher = Hasher::new().unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let stored = weak.hash_password(b"walnut tea harbour").unwrap().to_string();
        assert!(hasher.verify(Some(stored.clone()), &password("walnut tea harbour")).await.unwrap());
        assert!(hasher.is_outdated(&stored));
        assert!(hasher.is_outdated("no hash"));
        assert!(!hasher.is_outdated(&hasher.hash(&password("walnut tea harbour")).await.unwrap()));
    }

    #[tokio::test]
    async fn an_unknown_person_never_gets_in() {
        let hasher = Hasher::new().unwrap();
        assert!(!hasher.verify(None, &password("nobody's password")).await.unwrap());
    }
}
