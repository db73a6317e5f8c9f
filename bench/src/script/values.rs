//! What stands in a script for each parameter.

use crate::capture::{Message, Trace};
use kernel::base32;
use std::collections::HashMap;
use uuid::Uuid;

/// Longer values are not picked from all requests: one stands for them.
const LONG: usize = 200;
/// An hour's milliseconds: no taking down lasts longer.
const HOUR: u128 = 3_600_000;

/// The values of a trace, sorted by their origin.
pub(crate) struct Values<'t> {
    trace: &'t Trace,
    types: &'t [Vec<String>],
    /// Numbers of the digests that the first request made, by their text: those that stand in an INSERT first.
    made: HashMap<&'t str, usize>,
}

impl<'t> Values<'t> {
    /// Sorts the values of a trace; `types` are those of its parameters.
    pub(crate) fn of(trace: &'t Trace, types: &'t [Vec<String>]) -> Self {
        let (mut made, mut seen) = (HashMap::new(), HashMap::new());
        for (at, message) in trace.messages().iter().enumerate() {
            for (parameter, value) in message.values.iter().enumerate() {
                let Some(value) = value.as_deref() else { continue };
                let first = *seen.entry(value).or_insert_with(|| message.sql.starts_with("INSERT"));
                if first && types[at][parameter] == "bytea" && value.len() == 66 && varies(trace, at, parameter) {
                    let next = made.len();
                    made.entry(value).or_insert(next);
                }
            }
        }
        Self { trace, types, made }
    }

    /// The expression for a parameter of the message `at`.
    pub(crate) fn expression(&self, at: usize, parameter: usize) -> String {
        let message = &self.trace.messages()[at];
        let Some(kind) = self.types[at].get(parameter) else { return "NULL".to_owned() };
        let Some(value) = message.values.get(parameter).and_then(Option::as_deref) else {
            return format!("NULL::{kind}");
        };
        let long = value.len() > LONG || kind == "jsonb";
        if long || !varies(self.trace, at, parameter) {
            return format!("{}::{kind}", literal(value));
        }
        if let Some(number) = self.made.get(value) {
            return format!("sha256((:r::text || '{number}')::bytea)");
        }
        if message.sql.starts_with("INSERT") && matches!(kind.as_str(), "bigint" | "integer") {
            return format!("(:r::bigint % 2000000000)::{kind}");
        }
        match self.remade(value).filter(|_| kind != "bytea") {
            Some(remade) => format!("({remade})::{kind}"),
            None => format!("{}::{kind}", self.picked(|request| request[at].values[parameter].as_deref())),
        }
    }

    /// The expression for the tenant that the message `at` names.
    pub(crate) fn tenant(&self, at: usize) -> String {
        let named = |request: &'t [Message]| {
            request[at].sql.split("app.tenant_id = '").nth(1).and_then(|rest| rest.split('\'').next())
        };
        let first = named(self.trace.messages()).unwrap_or_default();
        let same = self.trace.requests.iter().all(|request| named(request) == Some(first));
        if same { literal(first) } else { self.picked(named) }
    }

    /// That of the requests which this transaction has drawn.
    fn picked(&self, value: impl Fn(&'t [Message]) -> Option<&'t str>) -> String {
        let all: Vec<String> = self
            .trace
            .requests
            .iter()
            .map(|request| value(request).map_or_else(|| "NULL".to_owned(), literal))
            .collect();
        format!("(ARRAY[{}]::text[])[:f::int]", all.join(","))
    }

    /// A text with the ids that the request made replaced by new ones; none if it made none of them. The same id becomes the
    /// same new id wherever it stands.
    fn remade(&self, value: &str) -> Option<String> {
        let (mut parts, mut rest, mut found) = (Vec::new(), value, false);
        while let Some((before, id, written)) = next_id(rest, self.trace.since) {
            found = true;
            parts.push(literal(before));
            let chance = format!("md5(:r::text || '{id}')");
            parts.push(match written {
                Written::Uuid => format!(
                    "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || substr({chance}, 1, 20))::uuid::text"
                ),
                Written::Base32 => format!("substr({chance}, 1, {})", base32::LENGTH),
            });
            rest = &rest[before.len() + written.length()..];
        }
        parts.push(literal(rest));
        found.then(|| parts.join(" || "))
    }
}

/// Whether requests differ in a parameter.
fn varies(trace: &Trace, at: usize, parameter: usize) -> bool {
    let first = &trace.messages()[at].values[parameter];
    trace.requests.iter().any(|request| request[at].values.get(parameter) != Some(first))
}

/// A text in quotes, without a colon, after which `pgbench` would look for a variable.
pub(crate) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains([':', '\\', '\n']) {
        let escaped = quoted.replace('\\', "\\\\").replace(':', "\\x3a").replace('\n', "\\n");
        format!("E'{escaped}'")
    } else {
        format!("'{quoted}'")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Uuid,
    Base32,
}

impl Written {
    const fn length(self) -> usize {
        match self {
            Self::Uuid => 36,
            Self::Base32 => base32::LENGTH,
        }
    }
}

/// The first id of an instant after `since` in a text: what stands before it, the id, and how it is written.
fn next_id(text: &str, since: u128) -> Option<(&str, Uuid, Written)> {
    text.char_indices().find_map(|(start, _)| {
        [Written::Uuid, Written::Base32].into_iter().find_map(|written| {
            let part = text.get(start..start + written.length())?;
            let id = match written {
                Written::Uuid => Uuid::try_parse(part).ok()?,
                Written::Base32 => Uuid::from_u128(base32::decode(part)?),
            };
            let made = id.as_u128() >> 80;
            (id.get_version_num() == 7 && (since..since + HOUR).contains(&made)).then(|| (&text[..start], id, written))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_ids_are_found_in_every_writing_and_old_ones_are_left() {
        let id = Uuid::now_v7();
        let since = id.as_u128() >> 80;
        let written = format!("key ord_{} {id}", base32::encode(id.as_u128()));
        let (before, found, how) = next_id(&written, since).unwrap();
        assert_eq!((before, found, how), ("key ord_", id, Written::Base32));
        let (before, found, how) = next_id(&written[before.len() + how.length()..], since).unwrap();
        assert_eq!((before, found, how), (" ", id, Written::Uuid));
        assert_eq!(next_id(&written, since + 1), None);
        assert_eq!(next_id("会员 9d0f1a8e-0000-4000-8000-000000000000", since), None);
    }

    #[test]
    fn a_literal_holds_nothing_that_pgbench_reads_as_a_variable() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"{a:b}\"), r"E'{a\x3ab}\\'");
    }
}
