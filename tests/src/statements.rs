//! Watches every statement: one on a tenant's table names its tenant, although row-level security would hide other rows
//! anyway. Two walls instead of one, better plans, and on a cluster it decides whether one shard or all are asked.

use db::tables::Scope;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use regex::Regex;
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, Once, PoisonError},
};

static TENANT_TABLE: LazyLock<Regex> = LazyLock::new(|| {
    let tables = db::tables::all().expect("tables.toml");
    let names: Vec<_> =
        tables.iter().filter(|(_, t)| t.scope == Scope::Tenant).map(|(name, _)| name.as_str()).collect();
    Regex::new(&format!(r#"(?i)\b(FROM|JOIN|UPDATE|INTO)\s+"?({})"?(\s|$|\(|\))"#, names.join("|"))).expect("regex")
});
static ROLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"SET LOCAL ROLE (\w+)").expect("regex"));
static FAULTS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Messages to the databases, by URL, that somebody wants to see.
static RECORDED: Mutex<Option<HashMap<String, Vec<String>>>> = Mutex::new(None);

/// Starts watching; the same for all connections of the process.
pub fn watch_statements() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_default_instrumentation(|| Some(Box::new(Watch::default()))).expect("instrumentation");
    });
}

/// Statements that named no tenant, so far in this process.
pub(crate) fn faults() -> Vec<String> {
    FAULTS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Takes down from now on what is sent to a database.
pub(crate) fn record(url: &str) {
    let mut recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    recorded.get_or_insert_default().insert(url.to_owned(), Vec::new());
}

/// What was sent since [`record`]: each a round trip once its plan is kept.
pub(crate) fn recorded(url: &str) -> Vec<String> {
    let mut recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    recorded.as_mut().and_then(|databases| databases.remove(url)).unwrap_or_default()
}

#[derive(Default)]
struct Watch {
    /// The connection's database.
    url: String,
    /// The role this connection's transaction runs under; empty on connections of tests themselves.
    role: String,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartEstablishConnection { url, .. } = event {
            // What the door adds to it says nothing of the database.
            url.split('?').next().unwrap_or_default().clone_into(&mut self.url);
        }
        let InstrumentationEvent::StartQuery { query, .. } = event else { return };
        let sql = query.to_string();
        if let Some(messages) =
            RECORDED.lock().unwrap_or_else(PoisonError::into_inner).as_mut().and_then(|all| all.get_mut(&self.url))
        {
            messages.push(sql.clone());
        }
        if let Some(found) = ROLE.captures_iter(&sql).last() {
            found[1].clone_into(&mut self.role);
        }
        let sql = sql.split(" -- binds:").next().unwrap_or_default();
        if self.role == "app_tenant" && !names_its_tenant(sql) {
            FAULTS.lock().unwrap_or_else(PoisonError::into_inner).push(sql.to_owned());
        }
    }
}

/// Whether a statement that touches a tenant's table says which tenant. An insert gets its tenant from the column's default.
fn names_its_tenant(sql: &str) -> bool {
    let touches = TENANT_TABLE.captures_iter(sql).any(|found| !found[1].eq_ignore_ascii_case("INTO"));
    !touches || sql.contains("tenant_id")
}

#[cfg(test)]
mod tests {
    use super::names_its_tenant;

    #[test]
    fn finds_the_statement_that_forgot_its_tenant() {
        assert!(!names_its_tenant(r#"SELECT "events"."seq" FROM "events" WHERE ("events"."seq" > $1)"#));
        assert!(!names_its_tenant("UPDATE heads SET event_seq = 1"));
        assert!(names_its_tenant(r#"SELECT 1 FROM "events" WHERE ("events"."tenant_id" = $1)"#));
        assert!(names_its_tenant(r#"INSERT INTO "events" ("seq") VALUES ($1)"#));
        assert!(names_its_tenant("SELECT 1 FROM jobs"));
    }
}
