//! `GET /readyz`

use crate::{
    answer,
    app::App,
    problem::{Problem, chain, edge},
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use db::DbError;
use kernel::Actor;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long a part may take to answer before it counts as down.
const PATIENCE: Duration = Duration::from_secs(3);

/// Everything answers.
#[derive(Debug, Serialize, ToSchema)]
struct Readiness {
    /// `ready`.
    status: &'static str,
}

/// Says whether the process can serve: 503 names the parts that do not answer in `failing`.
#[utoipa::path(operation_id = "read_readiness", tag = "process", responses((status = 200, body = Readiness)))]
#[get("/readyz")]
pub(super) async fn read_readiness(app: Data<App>) -> Result<HttpResponse, Problem> {
    let (database, queue, objects) = tokio::join!(
        check("database", database(&app)),
        check("queue", queue(&app)),
        check("object_store", object_store(&app))
    );
    let failing: Vec<&str> = [database, queue, objects].into_iter().flatten().collect();
    if failing.is_empty() {
        return Ok(answer::json(StatusCode::OK, &Readiness { status: "ready" }));
    }
    Err(edge::NOT_READY.retry_after(5).with("failing", failing))
}

/// The part's name if it does not answer in time.
async fn check<E: std::error::Error + 'static>(
    part: &'static str,
    answer: impl Future<Output = Result<(), E>>,
) -> Option<&'static str> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(part, error = %chain(&error), "not ready");
            Some(part)
        }
        Err(_) => {
            tracing::warn!(part, "not ready: no answer in time");
            Some(part)
        }
    }
}

async fn database(app: &App) -> Result<(), db::SelfCheckError> {
    app.db.self_check().await
}

/// A transaction of the queue's role begins and ends.
async fn queue(app: &App) -> Result<(), DbError> {
    app.db.jobs("readyz.queue", Actor::system("readyz"), |_| Ok(())).await
}

#[derive(Debug, thiserror::Error)]
#[error("the bucket cannot be listed")]
struct Unreachable;

async fn object_store(app: &App) -> Result<(), Unreachable> {
    if app.store.is_reachable().await { Ok(()) } else { Err(Unreachable) }
}
