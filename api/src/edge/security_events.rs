//! What a firm's audit log is told of refusals: who was turned away from what, and who met a limit.

use super::RequestContext;
use crate::{
    app::App,
    problem::{Problem, chain},
};
use actix_web::{body::BoxBody, dev::ServiceResponse, http::StatusCode};
use audit::Audited;
use db::{DbError, TenantScope};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Whoever runs into a limit does so many times a second; the log is told once in this time.
const COARSE: Duration = Duration::from_mins(1);
/// Callers remembered before those that are too long ago are forgotten.
const REMEMBERED: usize = 1_000;

/// When each caller was last told of for meeting a limit.
static MET: LazyLock<Mutex<HashMap<String, Instant>>> = LazyLock::new(Mutex::default);

/// Tells the firm's log of an answer that refuses a known caller. The answer stands, whatever becomes of the row.
pub(super) async fn note(app: Option<&App>, context: &RequestContext, response: &ServiceResponse<BoxBody>) {
    let action = match response.status() {
        StatusCode::FORBIDDEN => "auth.refused",
        StatusCode::TOO_MANY_REQUESTS => "limit.met",
        _ => return,
    };
    let (Some(app), Some(scope)) = (app, context.caller.take()) else { return };
    if action == "limit.met" && !is_new(&scope) {
        return;
    }
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    let code = problem.map(|problem| problem.kind().code);
    let request = response.request();
    let operation = format!("{} {}", request.method(), request.match_pattern().unwrap_or_default());
    let told = app.db.tenant("audit.security_event", scope, move |tx| {
        tx.audit_refused(action, &operation, json!({ "code": code }))
    });
    if let Err(error) = told.await {
        let error: DbError = error;
        tracing::error!(error = %chain(&error), action, "a refusal is missing in the audit log");
    }
}

fn is_new(scope: &TenantScope) -> bool {
    let (now, key) = (Instant::now(), format!("{} {}", scope.tenant(), scope.actor().id));
    let mut met = MET.lock().unwrap_or_else(PoisonError::into_inner);
    if met.get(&key).is_some_and(|last| now - *last < COARSE) {
        return false;
    }
    if met.len() >= REMEMBERED {
        met.retain(|_, last| now - *last < COARSE);
    }
    met.insert(key, now);
    true
}
