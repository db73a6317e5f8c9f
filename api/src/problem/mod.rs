//! Problem details (RFC 9457): one catalogue of types, one shape for every refusal.

mod db;
pub mod edge;
mod field;
mod kind;
mod language;
pub mod registry;
mod render;

pub(crate) use db::chain;
pub use field::FieldError;
pub(crate) use kind::problems;
pub use kind::{ProblemType, Words};
pub use language::{Language, Text};
pub use render::{CONTENT_TYPE, Occurrence};

use actix_web::http::header::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

/// One occurrence of a problem, on its way to the caller.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: &'static ProblemType,
    detail: Option<Text>,
    errors: Vec<FieldError>,
    members: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// An occurrence that says no more than its type does.
    pub fn new(kind: &'static ProblemType) -> Self {
        Self(Box::new(Parts { kind, detail: None, errors: Vec::new(), members: Vec::new(), headers: Vec::new() }))
    }

    /// Its type.
    pub fn kind(&self) -> &'static ProblemType {
        self.0.kind
    }

    /// Replaces the type's advice by words about this occurrence, in English and Chinese.
    #[must_use]
    pub fn detail(mut self, en: impl Into<String>, zh: impl Into<String>) -> Self {
        self.0.detail = Some(Text::new(en, zh));
        self
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn error(mut self, error: FieldError) -> Self {
        self.0.errors.push(error);
        self
    }

    /// Adds an extension member for programs, for example `available: 3`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.0.members.push((name, serde_json::to_value(value).unwrap_or_default()));
        self
    }

    /// Tells the caller to come back after so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(actix_web::http::header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }
}

impl From<&'static ProblemType> for Problem {
    fn from(kind: &'static ProblemType) -> Self {
        Self::new(kind)
    }
}
