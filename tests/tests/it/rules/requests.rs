//! Requests made from the document alone, so that a new operation is asked like all others.

use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tests::{Answer, Client, Contract, Request};

/// An operation of the document.
#[derive(Clone, Copy)]
pub struct Operation {
    method: &'static str,
    /// Its path with parameters in braces.
    pub template: &'static str,
    /// What the document says of it.
    pub spec: &'static Value,
}

/// The ids and names that fill a request's places: for an id's three letters, or for a parameter's name.
pub type Fill<'a> = &'a dyn Fn(&str) -> String;

/// Ids of every kind, and names, that nobody has.
pub fn nobodys(kind: &str) -> String {
    if kind.len() == 3 { format!("{kind}_{}", "0".repeat(26)) } else { "nothing".to_owned() }
}

impl Operation {
    /// Every operation of the document.
    pub fn all() -> impl Iterator<Item = Self> {
        Contract::get().operations().map(|(method, template, spec)| Self { method, template, spec })
    }

    /// Its `operationId`.
    pub fn id(&self) -> &'static str {
        self.spec["operationId"].as_str().unwrap()
    }

    /// Its verb.
    pub fn method(&self) -> Method {
        self.method.to_uppercase().parse().unwrap()
    }

    /// Whether it needs signing in.
    pub fn secured(&self) -> bool {
        self.spec["security"].as_array().is_some_and(|requirements| !requirements.is_empty())
    }

    /// Whether its answer never ends.
    pub fn streams(&self) -> bool {
        self.spec.pointer("/responses/200/content").is_some_and(|content| content.get("text/event-stream").is_some())
    }

    /// Its parameters in a place (`path`, `query`): name, and what fills it.
    pub fn parameters(&self, place: &'static str) -> impl Iterator<Item = (&'static str, String)> {
        let parameters = self.spec["parameters"].as_array().into_iter().flatten();
        parameters.filter(move |parameter| parameter["in"] == place).map(|parameter| {
            let name = parameter["name"].as_str().unwrap();
            (name, id_kind(&parameter["schema"]).unwrap_or_else(|| name.to_owned()))
        })
    }

    /// Its path with every parameter filled.
    pub fn path(&self, fill: Fill<'_>) -> String {
        self.parameters("path")
            .fold(self.template.to_owned(), |path, (name, kind)| path.replace(&format!("{{{name}}}"), &fill(&kind)))
    }

    /// The schema of its JSON body.
    fn schema(&self) -> Option<&'static Value> {
        self.spec.pointer("/requestBody/content/application~1json/schema")
    }

    /// The places of its JSON body that hold an id: pointer, and the id's three letters.
    pub fn body_ids(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        if let Some(schema) = self.schema() {
            find_ids(schema, "", &mut found);
        }
        found
    }

    /// The least JSON body that fits the document and has something at `pointer`.
    pub fn body(&self, pointer: &str, fill: Fill<'_>) -> Option<Value> {
        self.schema().map(|schema| sample(schema, pointer.strip_prefix('/'), fill))
    }

    /// Sends it with a body, or with bytes if that is what it takes.
    pub async fn send(&self, client: &Client, path: &str, body: Option<Value>) -> Answer {
        let mut request = client.request(self.method(), path);
        if self.method == "post" {
            request = request.key(&uuid::Uuid::new_v4().to_string());
        }
        request = match body {
            Some(body) => request.json(body),
            None if self.spec.get("requestBody").is_some() => request.bytes("x"),
            None => request,
        };
        if self.template.starts_with("/v1/tus") {
            request = by_tus(request);
        }
        request.send().await
    }

    /// Sends the least request there is.
    pub async fn try_it(&self, client: &Client) -> Answer {
        self.send(client, &self.path(&nobodys), self.body("", &nobodys)).await
    }
}

/// With the headers of tus, for a file that nobody has a bucket for.
fn by_tus(request: Request) -> Request {
    let request = request.header("tus-resumable", "1.0.0").header("upload-length", "1").header("upload-offset", "0");
    let request = request.header("upload-metadata", "bucket bm90aGluZw==,path YQ==");
    request.header("content-type", "application/offset+octet-stream")
}

fn resolved(schema: &'static Value) -> &'static Value {
    let target = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    let schema = target.map_or(schema, |pointer| Contract::get().document().pointer(pointer).unwrap());
    // "Something or null" is something.
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    choices.into_iter().find(|choice| choice["type"] != "null").map_or(schema, resolved)
}

/// The three letters of the ids that a schema takes.
fn id_kind(schema: &'static Value) -> Option<String> {
    let pattern = resolved(schema)["pattern"].as_str()?;
    pattern.ends_with("_[0-9a-z]{26}$").then(|| pattern[1..4].to_owned())
}

fn find_ids(schema: &'static Value, at: &str, found: &mut Vec<(String, String)>) {
    if let Some(kind) = id_kind(schema) {
        found.push((at.to_owned(), kind));
    }
    let schema = resolved(schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        find_ids(part, at, found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        find_ids(property, &format!("{at}/{name}"), found);
    }
    if let Some(items) = schema.get("items") {
        find_ids(items, &format!("{at}/0"), found);
    }
}

/// A value that fits a schema, with what it requires and what leads to `focus`.
fn sample(schema: &'static Value, focus: Option<&str>, fill: Fill<'_>) -> Value {
    if let Some(kind) = id_kind(schema) {
        return fill(&kind).into();
    }
    let schema = resolved(schema);
    let (next, rest) = focus.map_or((None, None), |focus| match focus.split_once('/') {
        Some((next, rest)) => (Some(next), Some(rest)),
        None => (Some(focus), None),
    });
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| sample(part, focus, fill));
        return parts.fold(json!({}), |mut whole, part| {
            whole.as_object_mut().unwrap().extend(part.as_object().cloned().unwrap());
            whole
        });
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.last().cloned().unwrap();
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match kind {
        "string" => text(schema).into(),
        "integer" | "number" => schema["minimum"].as_i64().unwrap_or(1).max(1).into(),
        "boolean" => false.into(),
        "array" => {
            let wanted = schema["minItems"].as_u64().unwrap_or_default().max(next.is_some().into());
            (0..wanted).map(|_| sample(&schema["items"], rest, fill)).collect()
        }
        _ => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let names: BTreeSet<&str> = required.chain(next).collect();
            let of = |name: &str| sample(&schema["properties"][name], rest.filter(|_| next == Some(name)), fill);
            Value::Object(names.into_iter().map(|name| (name.to_owned(), of(name))).collect::<Map<_, _>>())
        }
    }
}

/// The first of some texts that fits a schema.
fn text(schema: &Value) -> &'static str {
    if schema["format"] == "email" {
        return "somebody@nowhere.example";
    }
    let pattern = schema["pattern"].as_str().map(|pattern| regex::Regex::new(pattern).unwrap());
    let fits = |text: &&str| {
        let length = u64::try_from(text.len()).unwrap();
        schema["minLength"].as_u64().is_none_or(|least| length >= least)
            && schema["maxLength"].as_u64().is_none_or(|most| length <= most)
            && pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    };
    let texts = ["unheard-of", "CN", "000000", "unheard_of"];
    texts.into_iter().find(fits).unwrap_or_else(|| panic!("no sample fits {schema}: add one"))
}
