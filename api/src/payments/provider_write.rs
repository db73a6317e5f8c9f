//! Writes that need a payment provider: record, call, record.

use super::problems;
use crate::{
    answer::{in_progress, stored},
    app::App,
    extract::Caller,
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode};
use chrono::Duration;
use db::{
    DbError, TenantTx, TxError,
    idempotency::{self, Answered, Begun, IdempotencyKey, StoredAnswer},
};
use payments::{Answer, Operation, RecordError};
use serde::Serialize;

/// A request with the same key may take over when the first has not answered for this long: longer than a call may take.
const TAKEN_OVER_AFTER: Duration = Duration::seconds(40);

/// A write in two transactions around a call to the payment provider.
pub(crate) trait ProviderWrite: Clone + Send + Sync + 'static {
    /// What is answered.
    type View: Serialize;
    /// Why nothing is written.
    type Error: TxError + Into<Problem>;

    /// The first transaction: writes the call down.
    fn plan(&self, tx: &mut TenantTx<'_>) -> Result<Operation, Self::Error>;
    /// The call that an earlier request with the same key wrote down.
    fn resume(&self, tx: &mut TenantTx<'_>) -> Result<Option<Operation>, DbError>;
    /// The second transaction: writes down what the provider said, if it said anything.
    fn record(
        &self,
        tx: &mut TenantTx<'_>,
        operation: &Operation,
        answer: Option<&Answer>,
    ) -> Result<Self::View, Self::Error>;
}

/// How a request with a key begins.
enum Start {
    Call(Operation),
    Answered(Answered),
    Reused,
    InProgress,
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Mismatch => problems::PROVIDER_ANSWER.into(),
            RecordError::Db(error) => error.into(),
        }
    }
}

impl App {
    /// Writes once per key: key and plan in one transaction, the call, then effect and answer in another. Whatever is lost in
    /// between is finished by the worker, and by a request with the same key.
    pub(crate) async fn write_at_provider<W: ProviderWrite>(
        &self,
        name: &'static str,
        caller: &impl Caller,
        key: IdempotencyKey,
        write: W,
    ) -> Result<HttpResponse, Problem> {
        let scope = caller.scope();
        let start = {
            let _waiting = self.waiters.enter(scope.tenant().to_string(), &key)?;
            let (key, write) = (key.clone(), write.clone());
            self.db.tenant(name, scope.clone(), move |tx| begin(tx, &key, &write)).await.map_err(Into::into)?
        };
        let operation = match start {
            Start::Call(operation) => operation,
            Start::Answered(answered) => return Ok(stored(answered)),
            Start::Reused => return Err(edge::IDEMPOTENCY_KEY_REUSED.into()),
            Start::InProgress => {
                let write = write.clone();
                let abandoned = self.db.tenant(name, scope.clone(), move |tx| take_over(tx, &write)).await;
                abandoned.map_err(|error: DbError| Problem::from(error))?.ok_or_else(in_progress)?
            }
        };
        let answer = if operation.done { None } else { self.ask(&operation).await };
        let recorded = self
            .db
            .tenant(name, scope, move |tx| {
                let view = write.record(tx, &operation, answer.as_ref())?;
                let body = serde_json::to_vec(&view).map_err(|error| DbError::Corrupt(error.to_string()))?;
                let answer = StoredAnswer { status: StatusCode::CREATED.as_u16(), body };
                idempotency::finish(tx, &key, &answer)?;
                Ok::<_, W::Error>(Answered { answer, replayed: false })
            })
            .await;
        recorded.map(stored).map_err(Into::into)
    }

    /// The provider's answer; none if its outcome is unknown, in which case the worker goes on asking.
    async fn ask(&self, operation: &Operation) -> Option<Answer> {
        match self.desk.gateway.perform(operation).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::warn!(%error, operation = %operation.id, "a call to the payment provider has no outcome yet");
                None
            }
        }
    }
}

fn begin<W: ProviderWrite>(tx: &mut TenantTx<'_>, key: &IdempotencyKey, write: &W) -> Result<Start, W::Error> {
    Ok(match idempotency::begin(tx, key)? {
        Begun::Fresh => Start::Call(write.plan(tx)?),
        Begun::Replay(answer) => Start::Answered(Answered { answer, replayed: true }),
        Begun::Reused => Start::Reused,
        Begun::InProgress => Start::InProgress,
    })
}

/// The call of an earlier request that was lost before it could answer.
fn take_over<W: ProviderWrite>(tx: &mut TenantTx<'_>, write: &W) -> Result<Option<Operation>, DbError> {
    let now = tx.now();
    let abandoned = |operation: &Operation| {
        operation.done || (now - operation.created_at > TAKEN_OVER_AFTER && !operation.has_expired(now))
    };
    Ok(write.resume(tx)?.filter(abandoned))
}
