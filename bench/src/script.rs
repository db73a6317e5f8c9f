//! Turns a trace into `pgbench` scripts: the same statements in the same order, with values of the requests taken down.
//!
//! A value that was the same in all requests stands as it is. One that a request made itself (an id, a digest, a number given
//! out) is made anew by each transaction. Any other is picked from the requests, all values of a transaction from one of them.

pub(crate) mod values;

use crate::{
    capture::{Message, Trace},
    place::Place,
};
use anyhow::Context;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Text};
use regex::{Captures, Regex};
use std::path::{Path, PathBuf};
use values::Values;

/// The scripts of a scenario.
pub(crate) struct Scripts {
    /// Under the platform's role, with row-level security.
    pub(crate) with_policies: PathBuf,
    /// As superuser, past row-level security.
    pub(crate) without: PathBuf,
}

/// Writes the scripts of all traces.
pub(crate) fn write_all(place: &mut Place, traces: &[Trace]) -> anyhow::Result<Vec<Scripts>> {
    let mut conn = place.floor()?;
    traces.iter().map(|trace| write(&mut conn, place.folder(), trace).with_context(|| trace.name)).collect()
}

fn write(conn: &mut PgConnection, folder: &Path, trace: &Trace) -> anyhow::Result<Scripts> {
    let types: Vec<Vec<String>> =
        trace.messages().iter().map(|message| types(conn, message)).collect::<anyhow::Result<_>>()?;
    let values = Values::of(trace, &types);
    let mut paths = [true, false].map(|with_policies| {
        let path = folder.join(format!("{}-{}.sql", trace.name, if with_policies { "policies" } else { "superuser" }));
        std::fs::write(&path, script(trace, &values, with_policies)).map(|()| path)
    });
    let [with_policies, without] = &mut paths;
    Ok(Scripts { with_policies: taken(with_policies)?, without: taken(without)? })
}

fn taken(path: &mut std::io::Result<PathBuf>) -> anyhow::Result<PathBuf> {
    Ok(std::mem::replace(path, Ok(PathBuf::new()))?)
}

/// The types of a statement's parameters.
pub(crate) fn types(conn: &mut PgConnection, message: &Message) -> anyhow::Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        types: String,
    }
    if message.values.is_empty() {
        return Ok(Vec::new());
    }
    conn.batch_execute(&format!("PREPARE asked AS {}", message.sql)).with_context(|| message.sql.clone())?;
    let asked =
        "SELECT array_to_string(parameter_types, ';') AS types FROM pg_prepared_statements WHERE name = 'asked'";
    let row: Row = diesel::sql_query(asked).get_result(conn)?;
    conn.batch_execute("DEALLOCATE asked")?;
    Ok(row.types.split(';').map(str::to_owned).collect())
}

fn script(trace: &Trace, values: &Values<'_>, with_policies: bool) -> String {
    let mut text = format!("\\set f random(1, {})\n\\set r random(1, 9007199254740991)\n", trace.requests.len());
    // A column's default reads the tenant.
    let tenant = with_policies || trace.messages().iter().any(|message| message.sql.starts_with("INSERT"));
    for (at, message) in trace.messages().iter().enumerate() {
        let parts: Vec<String> = if message.values.is_empty() && message.sql.contains("SET LOCAL") {
            message.sql.split("; ").filter_map(|part| scoped(part, at, values, (with_policies, tenant))).collect()
        } else {
            vec![filled(&message.sql, |parameter| values.expression(at, parameter))]
        };
        let lines = parts.join(";\n");
        // Several statements in one message are one round trip for the API, so they are one here.
        let (start, end) = if parts.len() > 1 { ("\\startpipeline\n", "\\endpipeline\n") } else { ("", "") };
        text.extend([start, &lines, if parts.is_empty() { "" } else { ";\n" }, end]);
    }
    text
}

/// A statement of a transaction's opening; none if this floor does without.
fn scoped(part: &str, at: usize, values: &Values<'_>, (with_policies, tenant): (bool, bool)) -> Option<String> {
    if part.starts_with("SET LOCAL app.tenant_id") {
        // SET takes no parameter.
        return tenant.then(|| format!("SELECT set_config('app.tenant_id', {}, true)", values.tenant(at)));
    }
    (with_policies || !part.starts_with("SET LOCAL")).then(|| part.to_owned())
}

/// A statement with its parameters replaced, on one line.
pub(crate) fn filled(sql: &str, value: impl Fn(usize) -> String) -> String {
    static PARAMETER: std::sync::LazyLock<Option<Regex>> = std::sync::LazyLock::new(|| Regex::new(r"\$(\d+)").ok());
    let sql = sql.replace('\n', " ");
    let Some(parameter) = &*PARAMETER else { return sql };
    let replaced = parameter.replace_all(&sql, |found: &Captures<'_>| {
        found[1].parse::<usize>().ok().and_then(|number| number.checked_sub(1)).map(&value).unwrap_or_default()
    });
    replaced.into_owned()
}
