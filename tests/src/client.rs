//! An HTTP client of the public API that checks every exchange against the contract.

use crate::{Contract, audited::Writes, contract::Exchange};
use reqwest::Method;
use serde_json::Value;

/// Speaks to one server as one person or program.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    writes: Writes,
}

impl Client {
    /// A visitor who is not signed in.
    pub fn visitor(base: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("client");
        Self { http, base: base.to_owned(), token: None, writes: Writes::default() }
    }

    /// The same server, as the holder of a token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The token, if there is one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// What was written through this client and those made from it.
    pub(crate) const fn writes(&self) -> &Writes {
        &self.writes
    }

    /// The server's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A GET request.
    pub fn get(&self, path: impl AsRef<str>) -> Request {
        self.request(Method::GET, path)
    }

    /// A POST request with a JSON body and, as every careful client sends, an idempotency key of its own.
    pub fn post(&self, path: impl AsRef<str>, body: Value) -> Request {
        self.request(Method::POST, path).json(body).key(&uuid::Uuid::new_v4().to_string())
    }

    /// A PATCH request with a JSON body.
    pub fn patch(&self, path: impl AsRef<str>, body: Value) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// A DELETE request.
    pub fn delete(&self, path: impl AsRef<str>) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Any request.
    pub fn request(&self, method: Method, path: impl AsRef<str>) -> Request {
        let path = path.as_ref().to_owned();
        let mut builder = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        Request { builder, method, path, json: None, checked: true, writes: self.writes.clone() }
    }
}

/// A request to be sent.
pub struct Request {
    builder: reqwest::RequestBuilder,
    method: Method,
    path: String,
    json: Option<Value>,
    checked: bool,
    writes: Writes,
}

impl Request {
    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.builder = self.builder.json(&body);
        self.json = Some(body);
        self
    }

    /// With a header; a header already there is replaced.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert(name, value.parse().expect("header value"));
        self.builder = self.builder.headers(headers);
        self
    }

    /// With this idempotency key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a body of bytes.
    #[must_use]
    pub fn bytes(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.body(body);
        self.json = None;
        self
    }

    /// Not checked against the contract: for requests that are wrong on purpose below the level of operations.
    #[must_use]
    pub const fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// Sends it, and checks the exchange.
    pub async fn send(self) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        self.try_send().await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// The same where the server may die over it.
    pub async fn try_send(self) -> reqwest::Result<Answer> {
        let answer = self.builder.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await?.to_vec();
        let content_type = headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let path = self.path.split('?').next().unwrap_or_default();
        if status >= 400 && self.method != Method::HEAD {
            assert_eq!(content_type, "application/problem+json", "{} {path} {status}", self.method);
        }
        if self.checked {
            let (method, request) = (self.method.as_str(), self.json.as_ref());
            let content_type = content_type.as_str();
            Contract::get().check(&Exchange { method, path, request, status, content_type, body: &body });
        }
        let answer = Answer { status, headers, body, what: format!("{} {path}", self.method) };
        self.writes.note(&self.method, path, self.json.as_ref(), &answer);
        Ok(answer)
    }

    /// Sends it and expects success.
    pub async fn ok(self) -> Value {
        let answer = self.send().await;
        assert!((200..300).contains(&answer.status), "{}: {} {}", answer.what, answer.status, answer.text());
        answer.value()
    }
}

/// An answer, checked already.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body's bytes.
    pub body: Vec<u8>,
    what: String,
}

impl Answer {
    /// The body as JSON; null if empty.
    pub fn value(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{}: {e}: {}", self.what, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value, empty if absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// Expects a problem with this status and code, and returns it.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        let problem = self.value();
        assert_eq!(problem["code"], code, "{}: {problem:#}", self.what);
        for member in ["type", "title", "status", "code", "request_id"] {
            assert!(!problem[member].is_null(), "{}: no {member} in {problem:#}", self.what);
        }
        problem
    }
}
