//! The body and headers of a problem.

use super::{Language, Problem};
use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde_json::{Map, Value, json};

/// The media type of every problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What is known of the request in which a problem occurred.
#[derive(Debug, Clone, Default)]
pub struct Occurrence {
    /// The caller's language.
    pub language: Language,
    /// The path that was asked for, without its query.
    pub instance: Option<String>,
    /// The request's id as the caller sees it.
    pub request_id: Option<String>,
}

impl Problem {
    /// The body's bytes.
    pub fn body(&self, at: &Occurrence) -> Vec<u8> {
        let (kind, parts) = (self.0.kind, &self.0);
        let detail = parts.detail.as_ref().map_or(at.language.of(kind.advice), |text| text.get(at.language));
        let mut body = Map::new();
        body.insert("type".into(), kind.uri().into());
        body.insert("title".into(), at.language.of(kind.title).into());
        body.insert("status".into(), kind.status.into());
        body.insert("detail".into(), detail.into());
        body.insert("instance".into(), json!(at.instance));
        body.insert("code".into(), kind.code.into());
        body.insert("request_id".into(), json!(at.request_id));
        if !parts.errors.is_empty() {
            body.insert("errors".into(), parts.errors.iter().map(|e| e.json(at.language)).collect());
        }
        body.extend(parts.members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        body.retain(|_, value| !value.is_null());
        Value::Object(body).to_string().into_bytes()
    }

    /// The whole answer.
    pub fn response(&self, at: &Occurrence) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.kind.status());
        response.content_type(CONTENT_TYPE);
        response.insert_header((header::CONTENT_LANGUAGE, at.language.tag()));
        response.insert_header((header::VARY, HeaderValue::from_static("Accept-Language")));
        if matches!(self.0.kind.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
            // What the caller still sends is not waited for.
            response.force_close();
        }
        for (name, value) in &self.0.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(self.body(at))
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.0.kind.status, self.0.kind.code)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.kind.status()
    }

    // The edge replaces this by one that knows the request.
    fn error_response(&self) -> HttpResponse {
        self.response(&Occurrence::default())
    }
}
