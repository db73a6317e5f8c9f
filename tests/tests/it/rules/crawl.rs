//! Everything that somebody can see: every GET operation, with every id and name that came up on the way.

use super::requests::Operation;
use regex::Regex;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};
use tests::{Answer, Client};

static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[a-z]{3}_[0-9a-z]{26}$").unwrap());

/// Ids by their three letters, and names by the parameter that takes them (`name`, `path`, `slug`).
#[derive(Debug, Clone, Default)]
pub struct Known(BTreeMap<String, BTreeSet<String>>);

impl Known {
    /// What is known for an id's three letters or a parameter's name.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = &String> {
        self.0.get(kind).into_iter().flatten()
    }

    /// Everything that is known here and not there.
    pub fn without(&self, other: &Self) -> Self {
        let left = |(kind, values): (&String, &BTreeSet<String>)| {
            let values = values.iter().filter(|value| !other.of(kind).any(|known| known == *value));
            (kind.clone(), values.cloned().collect())
        };
        Self(self.0.iter().map(left).collect())
    }

    fn add(&mut self, kind: &str, value: &str) {
        self.0.entry(kind.to_owned()).or_default().insert(value.to_owned());
    }

    /// Takes in what an answer tells.
    pub fn read(&mut self, value: &Value) {
        match value {
            Value::String(text) if ID.is_match(text) => self.add(&text[..3], text),
            Value::Array(values) => values.iter().for_each(|value| self.read(value)),
            Value::Object(members) => {
                if value["id"].as_str().is_some_and(|id| id.starts_with("bkt_")) {
                    self.add("name", value["name"].as_str().unwrap());
                }
                for (name, value) in members {
                    match (name.as_str(), value.as_str()) {
                        ("bucket", Some(text)) => self.add("name", text),
                        ("path" | "slug", Some(text)) => self.add(name, text),
                        _ => self.read(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// Every path of an operation that can be made of what is known.
    pub fn paths(&self, operation: &Operation) -> Vec<String> {
        operation.parameters("path").fold(vec![operation.template.to_owned()], |paths, (name, kind)| {
            let fill = |value: &String| {
                let paths = paths.iter().map(|path| path.replace(&format!("{{{name}}}"), value));
                paths.collect::<Vec<_>>()
            };
            self.of(&kind).flat_map(fill).collect()
        })
    }
}

/// Calls every GET operation of `/v1` with everything that is known, and with what the answers tell, until nothing new comes
/// up. Returns the answers by operation and path.
pub async fn crawl(client: &Client, known: &mut Known) -> BTreeMap<(&'static str, String), Answer> {
    let mut answers = BTreeMap::new();
    loop {
        let before = answers.len();
        for operation in Operation::all().filter(reads_v1) {
            if operation.secured() && client.token().is_none() {
                continue;
            }
            for path in known.paths(&operation) {
                if answers.contains_key(&(operation.id(), path.clone())) {
                    continue;
                }
                let paged = operation.parameters("query").any(|(name, _)| name == "limit");
                let asked = if paged { format!("{path}?limit=100") } else { path.clone() };
                let answer = client.get(asked).send().await;
                assert!(answer.status < 500, "{path}: {}", answer.text());
                if answer.status == 200 && answer.header("content-type") == "application/json" {
                    known.read(&answer.value());
                }
                answers.insert((operation.id(), path), answer);
            }
        }
        if answers.len() == before {
            return answers;
        }
    }
}

/// Whether an operation is one that [`crawl`] calls.
pub fn reads_v1(operation: &Operation) -> bool {
    operation.method() == "GET" && operation.template.starts_with("/v1/") && !operation.streams()
}
