//! Checks every request and answer of the suite against the published OpenAPI document.

use serde_json::{Value, json};
use std::sync::LazyLock;

/// The document, ready for look-ups.
pub struct Contract {
    document: Value,
}

/// One request and its answer.
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) request: Option<&'a Value>,
    pub(crate) status: u16,
    pub(crate) content_type: &'a str,
    pub(crate) body: &'a [u8],
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract {
    document: serde_json::to_value(api::openapi::document()).expect("the document is JSON"),
});

impl Contract {
    /// The document that this build serves.
    pub fn get() -> &'static Self {
        &CONTRACT
    }

    /// The document itself.
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation as (method, path template, operation).
    pub fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(|(method, op)| (method.as_str(), path.as_str(), op))
        })
    }

    /// The operation that serves a path, if the document has one.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let method = method.to_lowercase();
        let mut found: Vec<_> =
            self.operations().filter(|(m, template, _)| *m == method && matches_template(template, path)).collect();
        // The most literal template wins, as in the router.
        found.sort_by_key(|(_, template, _)| template.matches('{').count());
        found.first().map(|(_, _, operation)| *operation)
    }

    /// Panics if an answer is not what the document says of it, or a request that was accepted is not one it allows.
    pub(crate) fn check(&self, exchange: &Exchange<'_>) {
        let Exchange { method, path, request, status, content_type, body } = *exchange;
        let Some(operation) = self.operation(method, path) else {
            assert!(status == 404 || status == 405, "{method} {path} answered {status} but is not in the document");
            return;
        };
        let name = operation["operationId"].as_str().unwrap_or("?");
        if let (Some(request), true) = (request.filter(|body| **body != json!({})), (200..300).contains(&status)) {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert!(!schema.is_null(), "{name}: accepted a JSON body that the document does not name");
            self.validate(&format!("{name} request"), schema, request);
        }
        let responses = &operation["responses"];
        let response = &responses[status.to_string()];
        let response = if response.is_null() && status >= 400 { &responses["default"] } else { response };
        assert!(!response.is_null(), "{name}: answered {status}, which the document does not name");
        if method == "HEAD" {
            assert!(body.is_empty(), "{name}: {status} with a body");
            return;
        }
        let response = self.resolve(response);
        let media = content_type.split(';').next().unwrap_or_default();
        if let Some(schema) = response["content"].get(media).map(|content| &content["schema"])
            && media.ends_with("json")
        {
            let body: Value = serde_json::from_slice(body).unwrap_or_else(|e| panic!("{name} {status}: {e}"));
            self.validate(&format!("{name} {status}"), schema, &body);
        } else {
            assert!(
                body.is_empty() || !media.ends_with("json"),
                "{name}: {status} with {media} is not in the document"
            );
        }
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        target.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }

    fn validate(&self, what: &str, schema: &Value, instance: &Value) {
        let root = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::validator_for(&root).unwrap_or_else(|e| panic!("{what}: bad schema: {e}"));
        let errors: Vec<String> =
            validator.iter_errors(instance).map(|e| format!("{} at {}", e, e.instance_path)).collect();
        assert!(errors.is_empty(), "{what} does not fit the document: {errors:#?}\n{instance:#}");
    }
}

const METHODS: [&str; 6] = ["get", "put", "post", "delete", "patch", "head"];

/// Whether a path fits a template; a last `{path}` parameter takes the rest with its slashes.
fn matches_template(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/').peekable(), path.split('/').peekable());
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("{path}"), Some(_)) if wanted.peek().is_none() => return true,
            (Some(part), Some(segment)) if part == segment || (part.starts_with('{') && !segment.is_empty()) => {}
            _ => return false,
        }
    }
}
