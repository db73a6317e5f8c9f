//! Writes that take effect once per `Idempotency-Key`.

use crate::{
    app::App,
    extract::{Caller, Once},
    problem::{self, Problem, edge},
};
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use db::{
    DbError, TenantScope, TenantTx, TxError,
    idempotency::{self, Answered, Begun, IdempotencyKey, OnceError, StoredAnswer},
};
use kernel::secrets::MasterKey;
use serde::Serialize;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Requests with one key that may be in this process at once; each holds a database connection while it waits.
const MAX_WAITERS: usize = 3;

impl App {
    /// Writes in one transaction of the caller's tenant. With an `Idempotency-Key`, a repeated request gets the kept answer.
    pub async fn write<V, E, F>(
        &self,
        name: &'static str,
        caller: &impl Caller,
        (once, status): (&Once, StatusCode),
        work: F,
    ) -> Result<HttpResponse, Problem>
    where
        V: Serialize + Send + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut TenantTx<'_>) -> Result<V, E> + Send + 'static,
    {
        self.write_kept(name, caller, (once, status, Keep::Plain), work).await
    }

    /// The same for an answer that tells a secret: it is kept sealed, so that the database alone gives nothing away.
    pub async fn write_secret<V, E, F>(
        &self,
        name: &'static str,
        caller: &impl Caller,
        (once, status): (&Once, StatusCode),
        work: F,
    ) -> Result<HttpResponse, Problem>
    where
        V: Serialize + Send + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut TenantTx<'_>) -> Result<V, E> + Send + 'static,
    {
        self.write_kept(name, caller, (once, status, Keep::Sealed(self.master_key.clone())), work).await
    }

    async fn write_kept<V, E, F>(
        &self,
        name: &'static str,
        caller: &impl Caller,
        (once, status, keep): (&Once, StatusCode, Keep),
        work: F,
    ) -> Result<HttpResponse, Problem>
    where
        V: Serialize + Send + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut TenantTx<'_>) -> Result<V, E> + Send + 'static,
    {
        let scope = caller.scope();
        let Some(key) = once.key(caller) else {
            let view = self.db.tenant(name, scope, work).await.map_err(Into::into)?;
            return Ok(super::json(status, &view));
        };
        let _waiting = self.waiters.enter(scope.tenant().to_string(), &key)?;
        let closer = keep.clone();
        let answered = self
            .db
            .tenant_once(name, scope.clone(), key.clone(), move |tx| {
                let view = work(tx)?;
                let body = serde_json::to_vec(&view).map_err(|error| DbError::Corrupt(error.to_string()))?;
                Ok::<_, E>(StoredAnswer { status: status.as_u16(), body: closer.close(body)? })
            })
            .await;
        match answered {
            Ok(answered) => Ok(stored(keep.open(answered)?)),
            Err(OnceError::Work(error)) => self.refuse(scope, key, once, error.into()).await,
            Err(OnceError::Reused) => Err(edge::IDEMPOTENCY_KEY_REUSED.into()),
            Err(OnceError::InProgress) => Err(in_progress()),
            Err(OnceError::Db(error)) => Err(error.into()),
        }
    }

    /// A refusal by the work itself is an answer too, and kept in a transaction of its own, since the work's was rolled back.
    async fn refuse(
        &self,
        scope: TenantScope,
        key: IdempotencyKey,
        once: &Once,
        problem: Problem,
    ) -> Result<HttpResponse, Problem> {
        if !matches!(problem.kind().status, 409 | 422) {
            return Err(problem);
        }
        let answer = StoredAnswer { status: problem.kind().status, body: problem.body(&once.occurrence()) };
        let kept = self.db.tenant("idempotency.keep_refusal", scope, move |tx| keep(tx, &key, &answer)).await;
        match kept {
            Ok(Some(answered)) => Ok(stored(answered)),
            Ok(None) => Err(problem),
            Err(error) => {
                tracing::warn!(error = %problem::chain(&error), "a refusal was given but not kept");
                Err(problem)
            }
        }
    }
}

/// How the bodies of successes are kept under a key.
#[derive(Clone)]
enum Keep {
    Plain,
    Sealed(MasterKey),
}

impl Keep {
    /// What the key's seal is for.
    const PURPOSE: &'static str = "idempotency.answer";

    fn close(&self, body: Vec<u8>) -> Result<Vec<u8>, DbError> {
        match self {
            Self::Plain => Ok(body),
            Self::Sealed(key) => key.seal(Self::PURPOSE, &body).map_err(|error| DbError::Corrupt(error.to_string())),
        }
    }

    /// Refusals tell no secret and are kept as they are.
    fn open(&self, mut answered: Answered) -> Result<Answered, Problem> {
        if let Self::Sealed(key) = self
            && answered.answer.status < 300
        {
            let opened = key.open(Self::PURPOSE, &answered.answer.body).map_err(|error| Problem::internal(&error))?;
            answered.answer.body.clone_from(opened.expose());
        }
        Ok(answered)
    }
}

/// Keeps an answer unless another request was faster, whose answer is then the one to give.
fn keep(tx: &mut TenantTx<'_>, key: &IdempotencyKey, answer: &StoredAnswer) -> Result<Option<Answered>, DbError> {
    Ok(match idempotency::begin(tx, key)? {
        Begun::Fresh => {
            idempotency::finish(tx, key, answer)?;
            Some(Answered { answer: answer.clone(), replayed: false })
        }
        Begun::Replay(answer) => Some(Answered { answer, replayed: true }),
        Begun::Reused | Begun::InProgress => None,
    })
}

/// The HTTP answer for a kept one.
pub fn stored(answered: Answered) -> HttpResponse {
    let status = StatusCode::from_u16(answered.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type(if status.is_success() { "application/json" } else { problem::CONTENT_TYPE });
    if answered.replayed {
        response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    }
    response.body(answered.answer.body)
}

/// The header of a kept answer that tells that it is one.
pub(crate) fn replayed(kept: &HttpResponse) -> Vec<(HeaderName, HeaderValue)> {
    kept.headers().get(REPLAYED).map(|value| (REPLAYED, value.clone())).into_iter().collect()
}

/// 409: another request with the key is still running.
pub fn in_progress() -> Problem {
    edge::IDEMPOTENCY_IN_PROGRESS.retry_after(1)
}

/// Who names a key: tenant, credential, method, route and key.
type KeyName = [String; 5];

/// Counts requests by key, so that duplicates cannot take all database connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiters(Arc<Mutex<HashMap<KeyName, usize>>>);

/// One request among the waiters, until it is dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    waiters: Waiters,
    name: KeyName,
}

impl Waiters {
    pub(crate) fn enter(&self, tenant: String, key: &IdempotencyKey) -> Result<Waiting, Problem> {
        let name = [tenant, key.principal.clone(), key.method.clone(), key.route.clone(), key.key.clone()];
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(name.clone()).or_default();
        if *count >= MAX_WAITERS {
            return Err(in_progress());
        }
        *count += 1;
        Ok(Waiting { waiters: self.clone(), name })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut counts = self.waiters.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.name);
            }
        }
    }
}
