//! A JSON body that is what the operation asks for.

use super::{body::read_body, duplicates::first_duplicate, gate, pointer, words};
use crate::problem::{FieldError, Problem, edge};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::CONTENT_ENCODING};
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, error::Category};

/// Bytes of a JSON body, unless the type says otherwise with its second parameter.
pub(super) const DEFAULT_LIMIT: usize = 256 * 1024;

/// A JSON body that was read into `T` (which denies unknown fields) and keeps its rules. At most `LIMIT` bytes.
#[derive(Debug)]
pub struct ValidJson<T, const LIMIT: usize = DEFAULT_LIMIT>(pub T);

impl<T, const LIMIT: usize> ValidJson<T, LIMIT> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T, const LIMIT: usize> FromRequest for ValidJson<T, LIMIT>
where
    T: DeserializeOwned + garde::Validate<Context = ()> + 'static,
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, opened, mut payload) = (request.clone(), gate::opened(request), payload.take());
        Box::pin(async move {
            opened.await;
            if !is_plain_json(&request) {
                return Err(edge::UNSUPPORTED_MEDIA_TYPE.into());
            }
            let body = read_body(&request, &mut payload, LIMIT).await?;
            let value = parse(&body)?;
            check(&value)?;
            Ok(Self(value))
        })
    }
}

/// Reads JSON strictly; refusals name the place.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (place, error) = (pointer::of_path(error.path()), error.into_inner());
        let message = error.to_string();
        match error.classify() {
            // A wrong field in front of a text that breaks off later: the text is the first thing to be put right.
            Category::Data if serde_json::from_slice::<IgnoredAny>(body).is_err() => edge::MALFORMED_JSON.into(),
            Category::Data => edge::VALIDATION_FAILED.error(words::unreadable(place, &message)),
            // serde_json counts this as syntax, but the text is well-formed.
            _ if message.starts_with("number out of range") => {
                edge::VALIDATION_FAILED.error(words::unreadable(place, &message))
            }
            _ => edge::MALFORMED_JSON.with("line", error.line()).with("column", error.column()),
        }
    })?;
    reader.end().map_err(|_| Problem::new(edge::MALFORMED_JSON))?;
    refuse_list(body)?;
    refuse_nul(body)?;
    refuse_duplicates(body)?;
    Ok(value)
}

fn refuse_duplicates(body: &[u8]) -> Result<(), Problem> {
    let Some(place) = first_duplicate(body) else { return Ok(()) };
    let error = FieldError::new(place, "duplicate", "stands twice", "重复出现");
    Err(edge::VALIDATION_FAILED.error(error))
}

/// serde would read a list as an object whose fields stand in their order.
fn refuse_list(body: &[u8]) -> Result<(), Problem> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(edge::VALIDATION_FAILED.error(FieldError::new("", "wrong_type", "must be an object", "应为对象")));
    }
    Ok(())
}

fn check<T: garde::Validate<Context = ()>>(value: &T) -> Result<(), Problem> {
    let Err(report) = value.validate() else { return Ok(()) };
    let errors = report.iter().map(|(path, error)| words::broken(pointer::of_rule(path), error.message()));
    Err(errors.fold(Problem::new(edge::VALIDATION_FAILED), Problem::error))
}

/// PostgreSQL stores no NUL in text, so one is refused by name here instead of failing there.
fn refuse_nul(body: &[u8]) -> Result<(), Problem> {
    // Within a JSON text NUL can only stand escaped.
    if !body.windows(6).any(|window| window == b"\\u0000") {
        return Ok(());
    }
    let value: Value = serde_json::from_slice(body).map_err(|_| Problem::new(edge::MALFORMED_JSON))?;
    match find_nul(&value, &mut String::new()) {
        Some(place) => Err(edge::VALIDATION_FAILED.error(FieldError::new(
            place,
            "invalid_character",
            "must not contain the character NUL",
            "不能包含 NUL 字符",
        ))),
        None => Ok(()),
    }
}

/// The place of the first string with a NUL. The parser has limited the depth.
fn find_nul(value: &Value, place: &mut String) -> Option<String> {
    let length = place.len();
    let mut visit = |key: &str, child: &Value| {
        pointer::push(place, key);
        let found = if key.contains('\0') { Some(place.clone()) } else { find_nul(child, place) };
        place.truncate(length);
        found
    };
    match value {
        Value::String(text) => text.contains('\0').then(|| place.clone()),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| visit(&index.to_string(), item)),
        Value::Object(members) => members.iter().find_map(|(key, member)| visit(key, member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn is_plain_json(request: &HttpRequest) -> bool {
    let encoded = request.headers().get(CONTENT_ENCODING).is_some_and(|value| value != "identity");
    let json = request.mime_type().ok().flatten().is_some_and(|mime| {
        mime.type_() == mime::APPLICATION && (mime.subtype() == mime::JSON || mime.suffix() == Some(mime::JSON))
    });
    json && !encoded
}
