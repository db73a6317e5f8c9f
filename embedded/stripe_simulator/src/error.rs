//! Errors in the shape Stripe's clients parse.

use serde_json::{Map, Value, json};

/// A refusal of a call, with what Stripe would have said.
#[derive(Debug)]
pub(crate) struct ApiError {
    /// HTTP status.
    pub(crate) status: u16,
    /// The call ran: its changes stay and its answer is kept under the idempotency key.
    pub(crate) executed: bool,
    fields: Map<String, Value>,
}

impl ApiError {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), json!(kind));
        fields.insert("message".to_owned(), Value::String(message.into()));
        Self { status, executed: false, fields }
    }

    /// A parameter is wrong; nothing ran.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// The call ran and the state of things refuses it; the answer is kept for repeats.
    pub(crate) fn refused(code: &str, message: impl Into<String>) -> Self {
        let mut error = Self::invalid(message).code(code);
        error.executed = true;
        error
    }

    /// The object named by `param` does not exist.
    pub(crate) fn missing(kind: &str, id: &str, param: &str) -> Self {
        let mut error = Self::invalid(format!("No such {kind}: '{id}'")).code("resource_missing").param(param);
        error.status = 404;
        error
    }

    /// No such route.
    pub(crate) fn unknown_url(method: &str, path: &str) -> Self {
        let mut error = Self::invalid(format!("Unrecognized request URL ({method}: {path})."));
        error.status = 404;
        error
    }

    /// The secret key is absent or wrong.
    pub(crate) fn unauthorised(message: &str) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    /// The bank refused the card; `payment_intent` carries the new state.
    pub(crate) fn card(last_payment_error: &Value, payment_intent: Value) -> Self {
        let fields = last_payment_error.as_object().cloned().unwrap_or_default();
        let mut error = Self { status: 402, executed: true, fields };
        error.fields.insert("payment_intent".to_owned(), payment_intent);
        error
    }

    /// The idempotency key was used before with other parameters.
    pub(crate) fn key_reused(key: &str) -> Self {
        Self::new(
            400,
            "idempotency_error",
            format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. \
                 Try using a key other than '{key}' if you meant to execute a different request."
            ),
        )
    }

    /// The first call with this idempotency key is still running.
    pub(crate) fn key_in_use(key: &str) -> Self {
        Self::new(
            409,
            "idempotency_error",
            format!("There is currently another in-progress request using this Idempotent Key ({key})."),
        )
        .code("idempotency_key_in_use")
    }

    /// A failure of the provider itself: injected by a test, or the journal could not be written.
    pub(crate) fn provider(status: u16, message: &str) -> Self {
        let kind = if status == 429 { "invalid_request_error" } else { "api_error" };
        let error = Self::new(status, kind, message);
        if status == 429 { error.code("rate_limit") } else { error }
    }

    pub(crate) fn code(mut self, code: &str) -> Self {
        self.fields.insert("code".to_owned(), json!(code));
        self.fields.insert("doc_url".to_owned(), json!(doc_url(code)));
        self
    }

    pub(crate) fn param(mut self, param: &str) -> Self {
        self.fields.insert("param".to_owned(), json!(param));
        self
    }

    /// Attaches an object Stripe shows beside the error, such as `payment_intent`.
    pub(crate) fn with(mut self, name: &str, object: Value) -> Self {
        self.fields.insert(name.to_owned(), object);
        self
    }

    pub(crate) fn body(&self) -> Value {
        json!({"error": self.fields})
    }
}

/// Address of Stripe's page on an error code.
pub(crate) fn doc_url(code: &str) -> String {
    format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"))
}
