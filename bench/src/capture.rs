//! Takes down what the API sends for one request of a scenario, from PostgreSQL's own log: so the floor and the counts of
//! round trips cannot drift from the code.

use crate::{
    connection::Connection,
    place::{LOG_MARK, Place},
    scenarios::Scenario,
    world::{Turn, World},
};
use anyhow::{Context, ensure};
use std::{
    collections::HashMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    net::SocketAddr,
};

/// Requests whose values the floor picks from.
const REQUESTS: usize = 32;
/// Requests before, so that connections are open and statements prepared.
const WARM_UP: usize = 8;

/// One message to PostgreSQL: a round trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The statement, or several without parameters.
    pub(crate) sql: String,
    /// Values of its parameters, `None` for NULL.
    pub(crate) values: Vec<Option<String>>,
    /// Whether it needs no plan, or has one that was kept from an earlier request.
    pub(crate) kept: bool,
}

/// The messages of a scenario's requests, all of one shape.
pub(crate) struct Trace {
    /// The scenario.
    pub(crate) name: &'static str,
    /// Requests; each is the list of its messages.
    pub(crate) requests: Vec<Vec<Message>>,
    /// Milliseconds since 1970 when taking down began: ids of later instants were made by the requests.
    pub(crate) since: u128,
}

impl Trace {
    /// The first request's messages, which stand for all.
    pub(crate) fn messages(&self) -> &[Message] {
        self.requests.first().map_or(&[], Vec::as_slice)
    }

    /// Network round trips of one request.
    pub(crate) fn round_trips(&self) -> usize {
        self.messages().len()
    }

    /// Statements that PostgreSQL parses and plans anew for each request.
    pub(crate) fn planned(&self) -> usize {
        self.messages().iter().filter(|message| !message.kept).count()
    }

    /// Statements of one request without those that open, scope and close transactions.
    pub(crate) fn statements(&self) -> usize {
        self.messages().iter().filter(|message| !is_frame(&message.sql)).count()
    }

    /// Transactions of one request.
    pub(crate) fn transactions(&self) -> usize {
        self.messages().iter().filter(|message| message.sql.starts_with("BEGIN")).count()
    }
}

/// Whether a message only opens, scopes or closes a transaction.
pub(crate) fn is_frame(sql: &str) -> bool {
    ["BEGIN", "SET LOCAL", "COMMIT", "SAVEPOINT", "RELEASE"].iter().any(|word| sql.starts_with(word))
}

/// Sends a scenario's requests one by one and takes down what each of them sends on.
pub(crate) async fn trace(
    place: &Place,
    address: SocketAddr,
    scenario: &dyn Scenario,
    world: &World,
) -> anyhow::Result<Trace> {
    let mut connection = Connection::open(address).await?;
    let since = u128::from(chrono::Utc::now().timestamp_millis().unsigned_abs());
    let mut log = File::open(place.log())?;
    let mut requests = Vec::new();
    for number in 0..WARM_UP + REQUESTS {
        log.seek(SeekFrom::End(0))?;
        let request = scenario.request(world, Turn { connection: number, number })?;
        connection.expect(request, scenario.status()).await.with_context(|| scenario.name())?;
        let mut text = String::new();
        log.read_to_string(&mut text)?;
        requests.push(messages(&text)?);
    }
    let requests = of_one_shape(requests.split_off(WARM_UP));
    ensure!(!requests.is_empty(), "{}: PostgreSQL's log shows no statement", scenario.name());
    Ok(Trace { name: scenario.name(), requests, since })
}

/// Those of the most frequent shape: now and then a request does something more.
fn of_one_shape(requests: Vec<Vec<Message>>) -> Vec<Vec<Message>> {
    let shape = |request: &[Message]| request.iter().map(|message| message.sql.len()).collect::<Vec<_>>();
    let mut counts: HashMap<Vec<usize>, usize> = HashMap::new();
    for request in &requests {
        *counts.entry(shape(request)).or_default() += 1;
    }
    let usual = counts.into_iter().max_by_key(|(_, count)| *count).map(|(shape, _)| shape).unwrap_or_default();
    requests.into_iter().filter(|request| shape(request) == usual).collect()
}

/// The messages that a piece of the log tells of.
fn messages(log: &str) -> anyhow::Result<Vec<Message>> {
    let mut found: Vec<Message> = Vec::new();
    for entry in log.split(LOG_MARK) {
        let entry = entry.trim_end().replace("\n\t", "\n");
        if let Some(sql) = entry.strip_prefix("LOG:  statement: ") {
            found.push(Message { sql: sql.to_owned(), values: Vec::new(), kept: true });
        } else if let Some((name, sql)) = entry.strip_prefix("LOG:  execute ").and_then(|rest| rest.split_once(": ")) {
            let kept = name != "<unnamed>";
            found.push(Message { sql: sql.to_owned(), values: Vec::new(), kept });
        } else if let Some(list) = entry.strip_prefix("DETAIL:  ").and_then(|rest| rest.split_once("arameters: ")) {
            found.last_mut().context("values without a statement")?.values = values(list.1)?;
        }
    }
    Ok(found)
}

/// Reads `$1 = 'a', $2 = NULL`.
fn values(list: &str) -> anyhow::Result<Vec<Option<String>>> {
    let (mut found, mut rest) = (Vec::new(), list);
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(after) = value.strip_prefix("NULL") {
            found.push(None);
            rest = after;
            continue;
        }
        let mut text = String::new();
        rest = value.strip_prefix('\'').context("a value without a quote")?;
        loop {
            let (part, after) = rest.split_once('\'').context("a value without an end")?;
            text.push_str(part);
            rest = after;
            let Some(after) = rest.strip_prefix('\'') else { break };
            text.push('\'');
            rest = after;
        }
        found.push(Some(text));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_statements_and_their_values() {
        let log = format!(
            "{LOG_MARK}LOG:  statement: BEGIN; SET LOCAL ROLE app_auth\n{LOG_MARK}LOG:  checkpoint starting: time\n\
             {LOG_MARK}LOG:  execute __diesel_stmt_1: SELECT $1,\n\t $2\n{LOG_MARK}DETAIL:  Parameters: \
             $1 = 'it''s, $9 = ''a''', $2 = NULL, $3 = 'b'\n"
        );
        let found = messages(&log).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].sql, "BEGIN; SET LOCAL ROLE app_auth");
        assert_eq!(found[1].sql, "SELECT $1,\n $2");
        assert_eq!(found[1].values, [Some("it's, $9 = 'a'".to_owned()), None, Some("b".to_owned())]);
    }

    #[test]
    fn statements_without_a_kept_plan_are_counted() {
        let log = format!("{LOG_MARK}LOG:  execute <unnamed>: SELECT 1\n{LOG_MARK}LOG:  statement: COMMIT\n");
        let trace = Trace { name: "", requests: vec![messages(&log).unwrap()], since: 0 };
        assert_eq!((trace.round_trips(), trace.statements(), trace.planned()), (2, 1, 1));
    }
}
