//! The plans of every statement that the scenarios send, under their role and row-level security.

use crate::{
    capture::{Message, Trace, is_frame},
    place::Place,
    script::{self, values::literal},
};
use anyhow::Context;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Text};
use std::{fmt::Write, path::Path};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// Writes the plans of all traces to `plans.md`.
pub(crate) fn write(place: &Place, traces: &[Trace], dir: &Path) -> anyhow::Result<()> {
    let mut text = String::from("# Plans\n");
    for trace in traces {
        write!(text, "\n## {}\n", trace.name)?;
        explain(&mut PgConnection::establish(&place.floor_url(false))?, trace, &mut text)
            .with_context(|| format!("plans of {}", trace.name))?;
    }
    Ok(std::fs::write(dir.join("plans.md"), text)?)
}

/// Explains a request's statements in order. What it wrote stands already, so a statement that fails on that is passed over;
/// nothing is kept.
fn explain(conn: &mut PgConnection, trace: &Trace, text: &mut String) -> anyhow::Result<()> {
    let types: Vec<Vec<String>> =
        trace.messages().iter().map(|message| script::types(conn, message)).collect::<anyhow::Result<_>>()?;
    conn.batch_execute("BEGIN")?;
    for (message, types) in trace.messages().iter().zip(&types) {
        if message.sql.contains("SET LOCAL") {
            let scope = message.sql.trim_start_matches("BEGIN; ");
            conn.batch_execute(&format!("RESET ROLE; {scope}"))?;
            write!(text, "\n`{scope}`\n")?;
        } else if !is_frame(&message.sql) {
            let sql = with_values(message, types);
            conn.batch_execute("SAVEPOINT before")?;
            match diesel::sql_query(format!("EXPLAIN (ANALYZE, BUFFERS, SUMMARY OFF) {sql}")).load::<Line>(conn) {
                Ok(lines) => {
                    let lines: Vec<String> = lines.into_iter().map(|line| line.line).collect();
                    write!(text, "\n```\n{}\n\n{}\n```\n", message.sql, lines.join("\n"))?;
                }
                Err(error) => {
                    conn.batch_execute("ROLLBACK TO SAVEPOINT before")?;
                    write!(text, "\n```\n{}\n\n{error}\n```\n", message.sql)?;
                }
            }
        }
    }
    Ok(conn.batch_execute("ROLLBACK")?)
}

fn with_values(message: &Message, types: &[String]) -> String {
    script::filled(&message.sql, |parameter| {
        let kind = types.get(parameter).map_or("text", String::as_str);
        match message.values.get(parameter).and_then(Option::as_deref) {
            Some(value) => format!("{}::{kind}", literal(value)),
            None => format!("NULL::{kind}"),
        }
    })
}
