//! What is wrong with one field of a request.

use super::{Language, Text};
use serde_json::{Value, json};

/// One entry of a problem's `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pointer: String,
    code: &'static str,
    detail: Text,
}

impl FieldError {
    /// `pointer` is a JSON pointer into the body (`/lines/0/quantity`), or `?name` for a query parameter.
    pub fn new(pointer: impl Into<String>, code: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: Text::new(en, zh) }
    }

    /// The same about a query parameter: `/name` becomes `?name`.
    #[must_use]
    pub fn in_query(mut self) -> Self {
        self.pointer = format!("?{}", self.pointer.trim_start_matches('/'));
        self
    }

    /// Where.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What, for programs.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// As it stands in the body.
    pub(super) fn json(&self, language: Language) -> Value {
        json!({ "pointer": self.pointer, "code": self.code, "detail": self.detail.get(language) })
    }
}
