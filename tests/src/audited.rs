//! Every write that succeeds leaves a row in an audit log with its request's id.

use crate::{Answer, Contract, TestDatabase};
use diesel::{QueryableByName, RunQueryDsl, sql_types::Text};
use kernel::ids::{Id, RequestId};
use reqwest::Method;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

/// Operations that need not leave a row, with the reason.
pub fn unaudited() -> BTreeMap<String, String> {
    toml::from_str(include_str!("../unaudited.toml")).expect("unaudited.toml")
}

/// Writes that succeeded, in one test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writes(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    /// Operation and request id.
    writes: Vec<(String, String)>,
    /// What was asked for already: the same again may find everything as it is to be.
    asked: BTreeSet<String>,
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    request: String,
}

impl Writes {
    /// Notes an answer, if something was written.
    pub(crate) fn note(&self, method: &Method, path: &str, body: Option<&Value>, answer: &Answer) {
        let writes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let replayed = answer.header("idempotent-replayed") == "true";
        if !writes || replayed || !(200..300).contains(&answer.status) {
            return;
        }
        let Some(operation) = Contract::get().operation(method.as_str(), path) else { return };
        // Whoever sent an id of their own is told that one, not the platform's.
        let Ok(request) = answer.header("x-request-id").parse::<RequestId>() else { return };
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = format!("{method} {path} {}", body.unwrap_or(&Value::Null));
        if noted.asked.insert(asked) {
            let name = operation["operationId"].as_str().unwrap_or("?").to_owned();
            noted.writes.push((name, request.uuid().to_string()));
        }
    }

    /// Operations that left no row.
    pub(crate) fn untold(&self, database: &TestDatabase) -> BTreeSet<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.writes.is_empty() {
            return BTreeSet::new();
        }
        let sql = "SELECT DISTINCT request_id::text AS request FROM audit_log WHERE request_id IS NOT NULL";
        let told: Vec<Told> = diesel::sql_query(sql).load(&mut database.superuser()).expect("the audit log");
        let told: BTreeSet<String> = told.into_iter().map(|row| row.request).collect();
        let need_not = unaudited();
        let left = noted.writes.iter().filter(|(name, request)| !told.contains(request) && !need_not.contains_key(name));
        left.map(|(name, _)| name.clone()).collect()
    }
}
